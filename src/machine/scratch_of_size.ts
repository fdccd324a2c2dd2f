/**
 * A writable layer of the size that the settings ask for.
 *
 * @module
 */
import type { Host } from "../host.ts";
import type { Machine } from "./machine_file.ts";

/**
 * The machine with a layer of that many MiB; without a size, and on macOS, as it is. A file system has the size that its
 * template was made with, so that there is a template for each: made with its first use, in some milliseconds.
 *
 * @throws {SiloError} if mke2fs fails.
 */
export async function withScratchOf(
  sizeMiB: number | undefined,
  machine: Machine,
  host: Pick<Host, "siloHome">,
): Promise<Machine> {
  const { linux } = machine;
  if (linux === undefined || sizeMiB === undefined || sizeMiB === linux.scratch.sizeMiB) return machine;
  const { ensureScratchTemplate } = await import("./scratch_template.ts");
  const template = await ensureScratchTemplate(`${host.siloHome}/machine`, sizeMiB, linux.mke2fs);
  return { ...machine, linux: { ...linux, scratch: { template, sizeMiB } } };
}
