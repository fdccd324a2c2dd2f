/**
 * Which kernel modules the guest needs, in the order in which they have to be loaded.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import { decompress } from "./decompress.ts";
import { elfSection } from "./elf.ts";

/**
 * What a guest needs: its disks, its channel to the helper, its shares and its entropy. Where a kernel has one of them
 * built in, it is left out. `crc32c_generic` is what `libcrc32c` asks the kernel for by name, so no `depends=` says it.
 */
export const GUEST_MODULES: readonly string[] = [
  "virtio_ring",
  "virtio",
  "virtio_pci_modern_dev",
  "virtio_pci_legacy_dev",
  "virtio_pci",
  "virtio_mmio",
  "virtio_console",
  "virtio_blk",
  "virtio_rng",
  "crc16",
  "mbcache",
  "crc32c_generic",
  "libcrc32c",
  "jbd2",
  "ext4",
  "overlay",
  "netfs",
  "fscache",
  "9pnet",
  "9pnet_virtio",
  "9p",
];

/** A kernel module, decompressed. */
export interface KernelModule {
  readonly name: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

/**
 * Reads the wanted modules and all that they depend on.
 *
 * @param root A kernel's `lib/modules/RELEASE`.
 * @returns The modules in an order in which each comes after what it needs.
 * @throws {SiloError} if a module that another needs is not there. Wanted modules that the kernel does not have are
 *   left out: newer kernels have merged some.
 */
export async function readModules(root: string, wanted: readonly string[]): Promise<KernelModule[]> {
  const files = await indexModules(`${root}/kernel`);
  const builtin = new Set(
    (await Deno.readTextFile(`${root}/modules.builtin`).catch(() => "")).split("\n").map(moduleName),
  );
  const loaded = new Map<string, KernelModule>();
  const visit = async (name: string, neededBy?: string): Promise<void> => {
    if (loaded.has(name) || builtin.has(name)) return;
    const path = files.get(name);
    if (path === undefined) {
      if (neededBy === undefined) return;
      throw new SiloError(`could not collect the kernel's modules: ${neededBy} needs ${name}, which is not there`);
    }
    const data = await decompress(await Deno.readFile(path), `the kernel module ${name}`);
    for (const dependency of dependenciesOf(data)) await visit(dependency, name);
    loaded.set(name, { name, data });
  };
  for (const name of wanted) await visit(name);
  return [...loaded.values()];
}

/** What a module says in `.modinfo` that it depends on. */
export function dependenciesOf(module: Uint8Array<ArrayBuffer>): string[] {
  const info = elfSection(module, ".modinfo");
  if (info === undefined) throw new SiloError("could not read a kernel module: it is no ELF file with .modinfo");
  const fields = new TextDecoder().decode(info).split("\0");
  const depends = fields.find((field) => field.startsWith("depends="))?.slice("depends=".length) ?? "";
  return depends.split(",").filter((name) => name !== "").map(moduleName);
}

/** `kernel/drivers/char/hw_random/virtio-rng.ko.xz` is the module virtio_rng. */
export function moduleName(path: string): string {
  return path.split("/").at(-1)!.replace(/\.ko(\.\w+)?$/, "").replaceAll("-", "_");
}

async function indexModules(directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) { for (const [name, file] of await indexModules(path)) files.set(name, file); }
    else if (/\.ko(\.\w+)?$/.test(entry.name)) files.set(moduleName(entry.name), path);
  }
  return files;
}
