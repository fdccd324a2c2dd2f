/**
 * Apple's init, from its image to the ext4 that every machine of a Mac starts from.
 *
 * @module
 */
import { publish, removeIfThere, sweepLeftovers, temporaryBeside, writeFileAtomic } from "../../cache/atomic.ts";
import { type Progress } from "../../debian/progress.ts";
import { SiloError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { flattenLayers } from "../../images/flatten_layers.ts";
import type { CreateRootfs } from "../../images/image_rootfs.ts";
import { ImageStore } from "../../images/image_store.ts";
import { formatReference, parseReference, type Reference } from "../../images/reference.ts";
import { currentDigest, pullImage, type PullOptions } from "../../images/registry/pull.ts";
import { isThere } from "../../is_there.ts";
import type { InitSource } from "./sources.ts";

/** Names the image, with its digest, that a person accepts. */
export const INIT_VARIABLE = "SILO_VMINIT";

/**
 * The init's file system; pulled and made if it is not there.
 *
 * @returns its path, absolute.
 * @throws {SiloError} if no digest is known or accepted, or it cannot be pulled.
 */
export async function ensureInit(
  host: Host,
  source: InitSource,
  create: CreateRootfs,
  progress: Progress,
  options: PullOptions = {},
): Promise<string> {
  const directory = `${host.siloHome}/machine`;
  const reference = await chosenReference(host, source, options);
  const path = `${directory}/init-${reference.digest!.replace(/^sha\d+:/, "").slice(0, 16)}.ext4`;
  if (!isThere(path)) {
    await sweepLeftovers(path);
    const store = new ImageStore(`${directory}/init-image`);
    const image = await pullImage(host, store, reference, { ...options, progress });
    const tar = temporaryBeside(path);
    const output = temporaryBeside(path);
    try {
      await flattenLayers(store.layerPaths(image), tar, { diffIds: image.config.rootfs.diff_ids });
      progress({ task: "prepare the VM", phase: "init file system" });
      await create({ tar, output, sizeMiB: source.sizeMiB, label: "init" });
      await publish(output, path);
    } finally {
      await removeIfThere(tar);
      await removeIfThere(output);
    }
    await removeIfThere(store.directory);
  }
  await writeFileAtomic(
    acceptedFile(host),
    JSON.stringify({ instead: source.reference, reference: formatReference(reference) }) + "\n",
  );
  return path;
}

/** The image with its digest: what the person names, else what silo has, else what was accepted before. */
async function chosenReference(host: Host, source: InitSource, options: PullOptions): Promise<Reference> {
  const known = parseReference(source.reference);
  const named = host.env[INIT_VARIABLE];
  if (named) {
    const reference = parseReference(named);
    if (reference.digest !== undefined) return reference;
    throw new SiloError(`could not use ${INIT_VARIABLE}: "${named}" has no digest`, {
      hint: `It looks like ${source.reference}@sha256:…`,
    });
  }
  if (source.digest !== undefined) return { ...known, digest: source.digest };
  const accepted = acceptedBefore(host, source);
  if (accepted !== undefined) return accepted;
  const digest = await currentDigest(host, known, options);
  throw new SiloError(`could not prepare the VM: silo knows no checksum to hold ${source.reference} to`, {
    hint: `Its registry says that it is ${digest}.\n` +
      "It is the first program of every sandbox: compare that with what its makers publish, and accept it once:\n" +
      `${INIT_VARIABLE}=${source.reference}@${digest} silo install TOOL`,
  });
}

function acceptedFile(host: Host): string {
  return `${host.siloHome}/machine/init.json`;
}

/** For this version alone: another one would not understand this helper. */
function acceptedBefore(host: Host, source: InitSource): Reference | undefined {
  try {
    const accepted = JSON.parse(Deno.readTextFileSync(acceptedFile(host)));
    const reference = parseReference(accepted.reference);
    return accepted.instead === source.reference && reference.digest !== undefined ? reference : undefined;
  } catch {
    return undefined; // nothing was, or it is damaged: it is asked for again
  }
}
