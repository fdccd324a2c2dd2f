/**
 * The guest's kernel: Debian's own, taken out of its package. Nothing is installed on the host.
 *
 * @module
 */
import { ensureDirectory, removeIfThere } from "../cache/atomic.ts";
import { debianArchitecture } from "../debian/mirror.ts";
import { DebianPackages } from "../debian/packages.ts";
import { type Progress, silent } from "../debian/progress.ts";
import { runCommand } from "../debian/run_command.ts";
import { unpackDebs } from "../debian/unpack.ts";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { extractVmlinux } from "./bzimage.ts";
import { GUEST_MODULES, readModules } from "./modules.ts";

/** The release whose kernel guests run; its 6.1 is the one that silo's measurements are of. */
const SUITE = "bookworm";
const MANIFEST = "kernel.json";
/** Goes up when the layout or the list of modules changes. */
const REVISION = 1;

/** A kernel in the silo home. */
export interface Kernel {
  /** What `uname -r` will say. */
  readonly release: string;
  /** Absolute path of what QEMU boots. */
  readonly image: string;
  /** Directory of the modules, one `NAME.ko` each. */
  readonly modulesDirectory: string;
  /** Names of the modules, in the order in which they are loaded. */
  readonly modules: readonly string[];
  /** Package it came from: name, version and SHA-256 of the .deb. */
  readonly source: { readonly name: string; readonly version: string; readonly sha256: string };
}

/**
 * The kernel of the silo home; fetched and unpacked if there is none yet. A newer one in the archive is taken only
 * with `update`.
 *
 * @throws {SiloError} if it cannot be fetched or unpacked.
 */
export async function ensureKernel(
  host: Host,
  options: { update?: boolean; progress?: Progress } = {},
): Promise<Kernel> {
  const progress = options.progress ?? silent;
  const machine = `${host.siloHome}/machine`;
  const current = options.update ? undefined : await newestKernel(machine);
  if (current !== undefined) return current;
  await Deno.mkdir(machine, { recursive: true });

  const task = "fetch the kernel";
  const directory = `${machine}/.kernel.apt`;
  const apt = await DebianPackages.open(host, { suite: SUITE, directory, task, progress });
  const meta = `linux-image-${debianArchitecture(host.architecture)}`;
  const name = (await apt.dependenciesOf(meta)).find((dependency) => dependency.startsWith("linux-image-"));
  if (name === undefined) throw new SiloError(`could not find a kernel: ${meta} of ${SUITE} depends on none`);
  const release = name.slice("linux-image-".length);
  const path = `${machine}/kernel-${release}`;
  await ensureDirectory(path, async (path) => await readKernel(path) !== undefined, async (temporary) => {
    const [deb] = await apt.download([name], { alone: true });
    progress({ task, phase: "unpack" });
    await unpackDebs([deb!], `${temporary}/package`);
    const modules = await store(`${temporary}/package`, release, temporary);
    await removeIfThere(`${temporary}/package`);
    const source = { name: deb!.name, version: deb!.version, sha256: deb!.sha256 };
    await Deno.writeTextFile(
      `${temporary}/${MANIFEST}`,
      JSON.stringify({ revision: REVISION, release, modules, source }),
    );
    await runCommand(["sync", "-f", temporary], { doing: "write the kernel to the disk" });
  });
  await removeIfThere(directory);
  return (await readKernel(path))!;
}

/** Copies what guests need out of an unpacked kernel package; returns the modules' names in loading order. */
async function store(unpacked: string, release: string, target: string): Promise<string[]> {
  const image = await Deno.readFile(`${unpacked}/boot/vmlinuz-${release}`);
  const isBzImage = image[0x202] === 0x48 && image[0x203] === 0x64; // arm64 has an uncompressed Image instead
  await Deno.writeFile(`${target}/vmlinux`, isBzImage ? await extractVmlinux(image) : image);
  await Deno.mkdir(`${target}/modules`);
  const modules = await readModules(`${unpacked}/lib/modules/${release}`, GUEST_MODULES);
  for (const { name, data } of modules) await Deno.writeFile(`${target}/modules/${name}.ko`, data);
  return modules.map(({ name }) => name);
}

/** Reads a stored kernel; undefined if there is none or it is of another revision. */
async function readKernel(path: string): Promise<Kernel | undefined> {
  try {
    const { revision, release, modules, source } = JSON.parse(await Deno.readTextFile(`${path}/${MANIFEST}`));
    if (revision !== REVISION) return undefined;
    return { release, image: `${path}/vmlinux`, modulesDirectory: `${path}/modules`, modules, source };
  } catch {
    return undefined;
  }
}

async function newestKernel(machine: string): Promise<Kernel | undefined> {
  const kernels: Kernel[] = [];
  try {
    for await (const entry of Deno.readDir(machine)) {
      const kernel = entry.isDirectory && entry.name.startsWith("kernel-") &&
        await readKernel(`${machine}/${entry.name}`);
      if (kernel) kernels.push(kernel);
    }
  } catch { /* no silo home yet */ }
  return kernels.sort((a, b) => a.release.localeCompare(b.release, "en", { numeric: true })).at(-1);
}
