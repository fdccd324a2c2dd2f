/**
 * A Mac's guests' kernel, out of the archive of a Kata release: static, with the virtio drivers built in.
 *
 * @module
 */
import { ensureDirectory, removeIfThere, writeAll } from "../../cache/atomic.ts";
import type { Progress } from "../../debian/progress.ts";
import { SiloError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { ByteReader } from "../../images/byte_reader.ts";
import { readLayer } from "../../images/layer_stream.ts";
import { partialDirectory } from "../../images/registry/partial_blob.ts";
import { fileData } from "../../images/sparse.ts";
import { readTar } from "../../images/tar_reader.ts";
import { type FetchOptions, fetchPinned } from "./fetch_pinned.ts";
import type { KernelSource } from "./sources.ts";

const TASK = "fetch the kernel";
/** Kata's are 15 to 50 MB. */
const MAX_KERNEL_BYTES = 512e6;

/**
 * The kernel's path in the silo home; fetched if it is not there. Whole or absent, wherever it is cut off.
 *
 * @throws {SiloError} if it cannot be fetched, or is not what its sum stands for.
 */
export async function ensureKataKernel(
  host: Pick<Host, "siloHome">,
  source: KernelSource,
  progress: Progress,
  options: Omit<FetchOptions, "onBytes" | "onRetry"> = {},
): Promise<string> {
  const machine = `${host.siloHome}/machine`;
  const directory = `${machine}/apple-${source.name}-${source.sha256.slice(0, 12)}`;
  const archive = `${machine}/${source.name}.tar.zst`;
  const isWhole = async (path: string) => await Deno.stat(`${path}/vmlinux`).then(({ isFile }) => isFile, () => false);
  await ensureDirectory(directory, isWhole, async (temporary) => {
    await fetchPinned(source, archive, `the kernel of the VM`, {
      ...options,
      onBytes: (done, total) => progress({ task: TASK, phase: "download", done, ...(total && { total }) }),
      onRetry: ({ message }, delay) => {
        progress({ task: TASK, phase: `${message}; again in ${Math.ceil(delay / 1000)} s` });
      },
    });
    progress({ task: TASK, phase: "unpack" });
    await extract(archive, source.member, `${temporary}/vmlinux`);
  });
  // Half a gigabyte of which a hundredth is needed.
  await removeIfThere(archive);
  await removeIfThere(`${partialDirectory(machine)}/sha256-${source.sha256}`);
  return `${directory}/vmlinux`;
}

/** Writes one file of an archive, and reads no further than it. */
async function extract(archive: string, member: string, output: string): Promise<void> {
  const reader = new ByteReader(readLayer(archive));
  for await (const entry of readTar(reader)) {
    if (entry.path !== member) continue;
    if (entry.kind !== "file" || entry.size > MAX_KERNEL_BYTES) {
      throw new SiloError(`could not unpack the kernel of the VM: ${member} is no file of a kernel's size`);
    }
    using file = await Deno.open(output, { createNew: true, write: true, mode: 0o444 });
    for await (const chunk of fileData(reader, entry)) await writeAll(file, chunk);
    await file.sync();
    return;
  }
  throw new SiloError(`could not unpack the kernel of the VM: there is no ${member} in ${archive}`);
}
