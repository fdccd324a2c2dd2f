/** Makes a release in build/release: `release.ts [--target NAME]… [--form compiled|bundle] [--url URL]`. */
import { parseArgs } from "node:util";
import type { Progress } from "../../src/debian/progress.ts";
import { runCommand } from "../../src/debian/run_command.ts";
import type { OwnQemu } from "../../src/debian/toolbox/own_qemu.ts";
import { ensureSwift, swiftCommand } from "../../src/debian/toolbox/swift.ts";
import { realHost } from "../../src/host.ts";
import { APPLE_SOURCES } from "../../src/machine/apple/sources.ts";
import { VERSION } from "../../src/version.ts";
import { BUILD, ROOT } from "../setup/checkout.ts";
import { main, Steps } from "../setup/steps.ts";
import { makeDebianPackage } from "./debian.ts";
import { formula } from "./formula.ts";
import { qemuForRelease } from "./qemu.ts";
import { compile, fetchRuntime, placeBundle } from "./program.ts";
import { type Component, directPackages, type Lock, qemuComponents, sbom, swiftPackages } from "./sbom.ts";
import { archive, stageParts, sumOf } from "./stage.ts";
import { programsDirectory, swiftPrograms } from "./swift_programs.ts";
import { ownTarget, type Target, targetNamed } from "./targets.ts";

const OUTPUT = `${BUILD}/release`;
const { values } = parseArgs({
  args: Deno.args,
  options: {
    target: { type: "string", multiple: true },
    form: { type: "string" },
    url: { type: "string", default: `https://github.com/silo-dev/silo/releases/download/v${VERSION}` },
  },
});

function tell(text: string): void {
  console.error(`release: ${text}`);
}

async function program(target: Target, prefix: string): Promise<string> {
  if (values.form !== "bundle") {
    const why = await compile(target, prefix);
    if (why === undefined) return "compiled";
    if (values.form === "compiled") throw new Error(why);
    tell(`deno compile cannot get its runtime here, so silo is a bundle with Deno beside it (${why.split("\n")[0]})`);
  }
  const own = ownTarget(realHost()).name === target.name;
  const deno = own ? Deno.execPath() : await fetchRuntime(target, `${OUTPUT}/.deno-${target.name}`);
  await placeBundle(target, deno, prefix);
  return "bundle";
}

interface Made {
  readonly file: string;
  readonly sum: string;
  readonly qemu: OwnQemu | undefined;
}

async function release(target: Target, progress: Progress): Promise<Made | undefined> {
  const name = `silo-${VERSION}-${target.name}`;
  const prefix = `${OUTPUT}/${name}`;
  await Deno.remove(prefix, { recursive: true }).catch(() => {});
  const form = await program(target, prefix);
  const { helper, guest, missing } = await swiftPrograms(target);
  const { qemu, why } = await qemuForRelease(target, progress);
  if (why !== undefined) tell(`${target.name}: without silo's QEMU, so that the host's is used: ${why}`);
  await stageParts(prefix, { helper, guest, qemu: qemu?.directory });
  if (target.platform === "macos" && APPLE_SOURCES.init.digest === undefined) {
    tell(`${target.name}: the init image is not pinned (scripts/pin-init, where ghcr.io can be reached)`);
  }
  if (missing.length > 0) {
    for (const one of missing) tell(`${target.name}: ${one}`);
    tell(`${target.name}: no archive, since it would be of no use; what there is is in ${prefix}`);
    return undefined;
  }
  const file = `${OUTPUT}/${name}.tar.gz`;
  await archive(prefix, name, file);
  if (target.debian !== undefined) {
    const deb = `${OUTPUT}/silo_${VERSION}_${target.debian}.deb`;
    if (Deno.build.os === "linux") await makeDebianPackage({ ...target, debian: target.debian }, VERSION, prefix, deb);
    else tell(`${target.name}: no Debian package, which needs dpkg-deb`);
  }
  tell(`${target.name}: ${form}`);
  return { file, sum: await sumOf(file), qemu };
}

/** Of the compiler here; its runtime is linked into the programs of Linux. */
async function swiftRuntime(): Promise<string> {
  const host = realHost();
  const words = await swiftCommand(host, await ensureSwift(host), ["--version"]);
  const text = await runCommand(words, { doing: "ask Swift for its version" });
  return /Swift version (\S+)/.exec(text)?.[1] ?? "unknown";
}

/** What the Mac that built the helper left beside it. */
async function swiftOfMac(): Promise<Component[]> {
  const file = `${programsDirectory(targetNamed("macos-arm64"))}/Package.resolved`;
  try {
    return swiftPackages(JSON.parse(await Deno.readTextFile(file)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    tell(`the list of contents has no Swift packages of the helper for macOS: there is no ${file}`);
    return [];
  }
}

await main(async () => {
  const targets = values.target?.map(targetNamed) ?? [ownTarget(realHost())];
  const steps = new Steps(targets.length + 1);
  await Deno.mkdir(OUTPUT, { recursive: true });
  const sums: Record<string, string> = {};
  const qemus: OwnQemu[] = [];
  for (const target of targets) {
    const made = await steps.run(
      target.name,
      (progress) => release(target, progress),
      (made) => made?.file ?? "not made",
    );
    if (made !== undefined) sums[target.name] = made.sum;
    if (made?.qemu !== undefined) qemus.push(made.qemu);
  }
  await steps.run("Formula, list of contents, sums", async () => {
    const info = JSON.parse(
      await runCommand([Deno.execPath(), "info", "--json", "main.ts"], {
        doing: "read the module graph",
        cwd: ROOT,
      }),
    );
    const lock: Lock = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.lock`));
    const others = [
      { type: "application", name: "deno", version: Deno.version.deno } as const,
      { type: "library", name: "swift", version: await swiftRuntime() } as const,
      ...targets.some((it) => it.platform === "macos" && sums[it.name] !== undefined) ? await swiftOfMac() : [],
      ...qemus.flatMap(qemuComponents),
    ];
    const contents = sbom(VERSION, lock, directPackages(info), others);
    await Deno.writeTextFile(`${OUTPUT}/silo-${VERSION}.cdx.json`, JSON.stringify(contents, null, 2) + "\n");
    await Deno.writeTextFile(`${OUTPUT}/silo.rb`, formula({ version: VERSION, url: values.url, sums }));
    const files = [...Deno.readDirSync(OUTPUT)].filter((entry) => entry.isFile && entry.name !== "SHA256SUMS");
    const lines = await Promise.all(
      files.map(({ name }) => name).sort().map(async (name) => `${await sumOf(`${OUTPUT}/${name}`)}  ${name}\n`),
    );
    await Deno.writeTextFile(`${OUTPUT}/SHA256SUMS`, lines.join(""));
  }, () => OUTPUT);
});
