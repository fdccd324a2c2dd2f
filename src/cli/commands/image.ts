/** `silo image ls|inspect|rm|save|gc` */
import { resolve } from "node:path/posix";
import { printable, SiloError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { imageStoreOf } from "../../images/debian_image.ts";
import { listImages } from "../../images/list_images.ts";
import { saveImage } from "../../images/save.ts";
import { findImage } from "../../tools/find_image.ts";
import { freeImages, toolsByImage } from "../../tools/image_garbage.ts";
import { writeAll } from "../output.ts";
import { ProgressLine } from "../progress_line.ts";
import { table } from "../table.ts";
import { say } from "../say.ts";
import { told } from "./cache/shown.ts";
import { columnsOf } from "../terminal_width.ts";
import { tilde } from "../tilde.ts";

/** How much of a digest is shown to people. */
const SHORT_DIGEST = "sha256:".length + 12;

export async function imageLs(host: Host, options: { json?: boolean }): Promise<void> {
  const tools = toolsByImage(host);
  const images = (await listImages(imageStoreOf(host), [...tools.keys()]))
    .map((image) => ({ ...image, tools: tools.get(image.digest) ?? [] }));
  if (options.json) return printJson(images);
  if (images.length === 0) return print("There are no images. `silo install TOOL` gets one.\n");
  const rows = images.map(({ reference, digest, bytes, platform, tools }) => [
    printable(reference),
    digest.slice("sha256:".length, SHORT_DIGEST),
    megabytes(bytes),
    platform,
    tools.join(", ") || "-",
  ]);
  print(table([["IMAGE", "DIGEST", "SIZE", "PLATFORM", "TOOLS"], ...rows], columnsOf(host, "stdout")));
}

export async function imageInspect(host: Host, word: string, options: { json?: boolean }): Promise<void> {
  const { reference, digest, manifest, config } = await findImage(host, word);
  const { Entrypoint, Cmd, Env, User, WorkingDir, Labels } = config.config ?? {};
  const facts = {
    reference,
    digest,
    platform: `${config.os}/${config.architecture}`,
    created: config.created ?? null,
    tools: toolsByImage(host).get(digest) ?? [],
    entrypoint: Entrypoint ?? [],
    command: Cmd ?? [],
    environment: Env ?? [],
    user: User ?? "",
    workingDirectory: WorkingDir ?? "",
    labels: Labels ?? {},
    layers: manifest.layers.map(({ digest, mediaType, size }) => ({ digest, mediaType, size })),
  };
  if (options.json) return printJson(facts);
  const words = (list: readonly string[]) =>
    list.length === 0 ? "-" : list.map((word) => JSON.stringify(word)).join(" ");
  const rows = [
    ["Image", facts.reference],
    ["Digest", digest],
    ["Platform", facts.platform],
    ["Created", facts.created ?? "-"],
    ["Tools", facts.tools.join(", ") || "-"],
    ["Entrypoint", words(facts.entrypoint)],
    ["Command", words(facts.command)],
    ["User", facts.user || "root"],
    ["Directory", facts.workingDirectory || "/"],
    ...facts.environment.map((entry, at) => [at === 0 ? "Environment" : "", entry]),
    ...facts.layers.map(({ digest, size }, at) => [at === 0 ? "Layers" : "", `${digest} ${megabytes(size)}`]),
  ];
  // All of it is the image's own words.
  print(table(rows.map((row) => row.map((cell) => printable(cell).replaceAll("\n", "�"))), columnsOf(host, "stdout")));
}

export async function imageSave(host: Host, word: string, file: string): Promise<void> {
  const image = await findImage(host, word);
  const output = resolve(host.cwd(), file);
  const line = new ProgressLine(host);
  let size: number;
  try {
    const task = `save ${image.reference}`;
    size = await saveImage(imageStoreOf(host), image, output, (done, total) => {
      line.show({ task, phase: "write", done, total });
    });
  } finally {
    line.clear();
  }
  say(host, `Saved ${image.reference} as ${tilde(host, output)} (${megabytes(size)})`);
}

export async function imageRm(host: Host, words: readonly string[]): Promise<void> {
  const store = imageStoreOf(host);
  const tools = toolsByImage(host);
  const images = [];
  for (const word of words) {
    const image = await findImage(host, word);
    const [tool] = tools.get(image.digest) ?? [];
    if (tool !== undefined) {
      throw new SiloError(`could not remove the image ${printable(image.reference)}: ${tool} is installed from it`, {
        hint: `silo uninstall ${tool} removes both.`,
      });
    }
    images.push(image);
  }
  // All are known now: nothing is removed because of a later typing error.
  for (const { reference } of images) {
    await store.untag(reference);
    say(host, `Removed ${reference}`);
  }
  const freed = await freeImages(host, { dropNames: false, dryRun: false });
  say(host, freed === undefined ? BUSY : `Freed ${megabytes(freed.bytes)}`);
}

export async function imageGc(host: Host, options: { dryRun?: boolean; json?: boolean }): Promise<void> {
  const dryRun = options.dryRun ?? false;
  const garbage = await freeImages(host, { dropNames: true, dryRun });
  if (garbage === undefined) {
    throw new SiloError("could not collect garbage: an image is being installed or saved right now", {
      hint: "Try again when that is done.",
    });
  }
  if (options.json) return printJson({ dryRun, ...garbage });
  const { names, blobs, rootfs, leftovers, bytes } = garbage;
  const tell = told(host, dryRun);
  const would = dryRun ? "Would remove" : "Removed";
  if (blobs.length + rootfs.length + leftovers + names.length === 0) return tell("There is no garbage.");
  for (const name of names) tell(`${would} the image ${printable(name)}`);
  tell(
    `${would} ${blobs.length} blobs, ${rootfs.length} root file systems and ${leftovers} leftovers: ` +
      megabytes(bytes),
  );
}

const BUSY = "An image is being installed right now; `silo image gc` frees the space later.";

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

function print(text: string): void {
  writeAll(Deno.stdout, text);
}

function printJson(value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}
