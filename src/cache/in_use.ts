/**
 * Files of a cache that are in use: a shared lock on the file itself, held as long as they are needed. Who removes files
 * takes them exclusively, and leaves alone what he does not get.
 *
 * @module
 */

/**
 * Marks a file as in use until it is disposed of; a file that cannot be opened is not marked, and whoever needs it will
 * say so. Two system calls.
 */
export function useFile(path: string): Disposable {
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(path, { read: true });
    file.lockSync(false);
  } catch { /* gone: told by who opens it */ }
  return { [Symbol.dispose]: () => file?.close() };
}

/** Runs `action` if nobody uses the file, and keeps others from beginning to meanwhile. Whether it ran. */
export async function ifUnused(path: string, action: () => Promise<void>): Promise<boolean> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  try {
    if (!await file.tryLock(true)) return false;
    await action();
    return true;
  } finally {
    file.close();
  }
}
