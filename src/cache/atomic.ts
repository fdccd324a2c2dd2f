/**
 * Whole or absent: files and directories that appear under their name only when they are complete.
 *
 * Everything is built beside its final name, synced, and renamed. One lock per name makes two builders at once share
 * the work; the kernel drops the lock when its holder dies, so nothing ever has to be unlocked by hand. Whatever a
 * killed builder left behind is removed by the next one that holds the lock.
 *
 * @module
 */
import { reasonOf, SiloError } from "../errors.ts";
import { parentOf } from "../paths.ts";

/**
 * Runs `action` while holding an exclusive lock on the file `path`, which is made if it is not there and never removed
 * (removing a lock file that another process is about to lock would let two holders in).
 *
 * @throws {SiloError} if the lock file cannot be made.
 */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  let file: Deno.FsFile;
  try {
    await Deno.mkdir(parentOf(path), { recursive: true });
    file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
  } catch (cause) {
    throw new SiloError(`could not lock ${path}: ${reasonOf(cause)}`, {
      hint: "Make sure that the directory belongs to you and that the disk is not full.",
      cause,
    });
  }
  try {
    await file.lock(true);
    return await action();
  } finally {
    file.close(); // releases the lock
  }
}

/** A path beside `path` that {@link sweepLeftovers} knows to be unfinished. */
export function temporaryBeside(path: string): string {
  return `${parentOf(path)}/.${basename(path)}.tmp-${crypto.randomUUID().slice(0, 8)}`;
}

/** Removes what earlier, killed builders of `path` left beside it. Call it only under the lock of `path`. */
export async function sweepLeftovers(path: string): Promise<void> {
  const prefix = `.${basename(path)}.tmp-`;
  for await (const entry of Deno.readDir(parentOf(path))) {
    if (entry.name.startsWith(prefix)) await Deno.remove(`${parentOf(path)}/${entry.name}`, { recursive: true });
  }
}

/** Flushes a file or a directory's entries to the disk. */
export async function syncPath(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true });
  await file.sync();
}

/** Renames a finished, synced file or directory to its name and makes the rename itself durable. */
export async function publish(temporary: string, path: string): Promise<void> {
  await Deno.rename(temporary, path);
  await syncPath(parentOf(path));
}

/** Writes a small file whole or not at all. An existing one is replaced. */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string,
  options: { mode?: number } = {},
): Promise<void> {
  await Deno.mkdir(parentOf(path), { recursive: true });
  const temporary = temporaryBeside(path);
  try {
    {
      using file = await Deno.open(temporary, { createNew: true, write: true, mode: options.mode ?? 0o644 });
      await writeAll(file, typeof data === "string" ? new TextEncoder().encode(data) : data);
      await file.sync();
    }
    await publish(temporary, path);
  } catch (error) {
    await removeIfThere(temporary);
    throw error;
  }
}

/**
 * Makes the directory `path` by `build`, which fills an empty directory beside it. If `isWhole` says that what is
 * there is good, nothing is done.
 */
export async function ensureDirectory(
  path: string,
  isWhole: (path: string) => Promise<boolean>,
  build: (temporary: string) => Promise<void>,
): Promise<void> {
  if (await isWhole(path)) return;
  await withLock(`${path}.lock`, async () => {
    if (await isWhole(path)) return; // another process did it while this one waited
    await sweepLeftovers(path);
    const temporary = temporaryBeside(path);
    await Deno.mkdir(temporary);
    try {
      await build(temporary);
      await removeIfThere(path);
      await publish(temporary, path);
    } catch (error) {
      await removeIfThere(temporary);
      throw error;
    }
  });
}

/** Removes a file or a directory tree; it may be absent. */
export async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** Writes every byte of `data`. */
export async function writeAll(file: Deno.FsFile, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length;) at += await file.write(data.subarray(at));
}

/** The size of a regular file in bytes, or undefined if there is none. */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    const info = await Deno.stat(path);
    return info.isFile ? info.size : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The last name of an absolute path. Not node:path's, which takes 8 ms to load: every run needs this module. */
function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
