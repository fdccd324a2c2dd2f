/**
 * Locks of the image store beyond the one of its index: who stores, who collects garbage, who loads which blob.
 *
 * The kernel drops a lock when its holder dies, so a killed pull never has to be cleaned up by hand.
 *
 * @module
 */
import { dirname } from "node:path";
import { reasonOf, SiloError } from "../errors.ts";

/** How a lock is taken. */
export interface LockOptions {
  /** Many may hold a shared lock, one an exclusive one. */
  readonly shared?: boolean;
  /** Called once if somebody else holds it and this call has to wait. */
  readonly onWait?: () => void;
}

/** A lock that is held until it is disposed of. */
export async function takeLock(path: string, options: LockOptions = {}): Promise<Disposable> {
  const file = await openLock(path);
  try {
    if (!await file.tryLock(!options.shared)) {
      options.onWait?.();
      await file.lock(!options.shared);
    }
  } catch (error) {
    file.close();
    throw error;
  }
  return file;
}

/** The exclusive lock, or undefined if somebody else holds it. */
export async function tryTakeLock(path: string): Promise<Disposable | undefined> {
  const file = await openLock(path);
  if (await file.tryLock(true)) return file;
  file.close();
  return undefined;
}

/**
 * Stores blobs and names them: `action` may take its time between the two, no garbage collection comes between. Every
 * way into the store goes through here.
 */
export async function whileStoring<T>(directory: string, action: () => Promise<T>): Promise<T> {
  using _lock = await takeLock(storingLock(directory), { shared: true });
  return await action();
}

/** The file that is locked shared by those who store and exclusively by those who remove. */
export function storingLock(directory: string): string {
  return `${directory}/.storing.lock`;
}

async function openLock(path: string): Promise<Deno.FsFile> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    // Never removed while others may open it: two files of one name are two locks.
    return await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
  } catch (cause) {
    throw new SiloError(`could not lock ${path}: ${reasonOf(cause)}`, {
      hint: "Make sure that the directory belongs to you and that the disk is not full.",
      cause,
    });
  }
}
