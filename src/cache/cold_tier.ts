/**
 * The cold tier: root file systems that nobody used for a while, as zstd files beside their names. The plain file goes
 * only when the compressed one is whole, and comes back before the compressed one goes: wherever the work is cut off,
 * one of them is whole.
 *
 * @module
 */
import { reasonOf, SiloError } from "../errors.ts";
import { fileSize, publish, removeIfThere, sweepLeftovers, temporaryBeside, withLock } from "./atomic.ts";
import { ifUnused } from "./in_use.ts";
import { compressFile, type Counted, decompressFile } from "./zstd_file.ts";

/** The compressed form of an entry. */
export function coldPath(path: string): string {
  return `${path}.zst`;
}

/**
 * Compresses an entry, and removes its plain form unless a run uses it.
 *
 * @returns `false` if the entry is gone or a run uses it: then nothing is changed.
 */
export async function coolDown(path: string, counted: Counted = () => {}): Promise<boolean> {
  return await withLock(`${path}.lock`, async () => {
    const size = await fileSize(path);
    if (size === undefined) return false;
    const cold = coldPath(path);
    await sweepLeftovers(cold);
    if (!await ifUnused(path, () => Promise.resolve())) return false; // do not work for nothing
    const temporary = temporaryBeside(cold);
    try {
      await compressFile(path, temporary, size, counted);
      let published = false;
      const unused = await ifUnused(path, async () => {
        await publish(temporary, cold);
        published = true;
        await removeIfThere(path);
      });
      if (!published) await removeIfThere(temporary);
      return unused;
    } catch (cause) {
      await removeIfThere(temporary);
      throw new SiloError(`could not compress ${path}: ${reasonOf(cause)}`, { cause });
    }
  });
}

/**
 * Takes an entry out of the cold tier; the file's holes are holes again.
 *
 * @returns whether it was there.
 * @throws {SiloError} if it is damaged (it is removed then) or the disk is full.
 */
export async function warmUp(path: string, counted: Counted = () => {}): Promise<boolean> {
  const cold = coldPath(path);
  if (await fileSize(cold) === undefined) return false;
  return await withLock(`${path}.lock`, async () => {
    const size = await recordedSize(path);
    if (size === undefined) return false; // how large it was is not known: it is as good as gone
    if (await fileSize(path) === size) return true; // another process did it meanwhile
    if (await fileSize(cold) === undefined) return false;
    await sweepLeftovers(path);
    const temporary = temporaryBeside(path);
    try {
      await decompressFile(cold, temporary, size, counted);
      await Deno.chmod(temporary, 0o444);
      await publish(temporary, path);
      await removeIfThere(cold);
      return true;
    } catch (cause) {
      await removeIfThere(temporary);
      // Not what the system says of the disk: that says nothing about the file.
      if (cause instanceof RangeError) await removeIfThere(cold);
      throw new SiloError(`could not unpack ${cold}: ${reasonOf(cause)}`, {
        hint: "Try again: what is damaged has been removed and is made anew.",
        cause,
      });
    }
  });
}

async function recordedSize(path: string): Promise<number | undefined> {
  const recorded = await Deno.readTextFile(`${path}.json`).then(JSON.parse).catch(() => undefined);
  return typeof recorded?.size === "number" ? recorded.size : undefined;
}
