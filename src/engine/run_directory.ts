/**
 * A private directory for the sockets and files of one run, and the removal of those that killed runs left behind.
 *
 * A run directory is `r-XXXXXXXX` in a base that belongs to the user alone. Its owner holds an exclusive lock on the
 * file `lock` in it as long as it lives; the kernel drops the lock with the process, which is how the next command
 * knows that a directory is stale.
 *
 * @module
 */
import { reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";

/** macOS allows 103 bytes in a socket's path, Linux 107; this is the longest name in a run directory and its parent. */
const LONGEST_NAME = "/r-00000000/console.sock".length;
const MAX_SOCKET_PATH = 103;

/** A directory that is being made has another name until it is locked, so that nobody takes it for a stale one. */
const UNFINISHED_LIMIT_MS = 60_000;

export interface RunDirectory {
  /** Absolute; mode 0700. */
  readonly path: string;
  /** Removes it and what is in it. Never throws: a leftover is swept by the next command. */
  remove(): Promise<void>;
  /** The same at once; whether it is gone. */
  removeNow(): boolean;
}

/**
 * Where run directories are: `$XDG_RUNTIME_DIR/silo` if that is the user's own, else `run/` in the silo home, else (its
 * path being too long for sockets) `/tmp/silo-UID`. A guest that could write there could turn a socket of another run
 * into a link to one of the host's, so no share may ever contain it; that is why `/tmp` comes last.
 */
export function runBase(host: Host): string {
  const runtime = host.env.XDG_RUNTIME_DIR;
  const fits = (base: string) => base.length + LONGEST_NAME <= MAX_SOCKET_PATH;
  if (runtime?.startsWith("/") && fits(`${runtime}/silo`) && isOwnDirectory(runtime, host.uid)) {
    return `${runtime}/silo`;
  }
  return fits(`${host.siloHome}/run`) ? `${host.siloHome}/run` : `/tmp/silo-${host.uid}`;
}

/**
 * Makes and locks a run directory.
 *
 * @throws {SiloError} if the base belongs to someone else or cannot be written.
 */
export function createRunDirectory(host: Host): RunDirectory {
  const base = runBase(host);
  ensurePrivate(base, host.uid);
  const id = crypto.getRandomValues(new Uint8Array(4)).toHex();
  const [unfinished, path] = [`${base}/n-${id}`, `${base}/r-${id}`];
  let lock: Deno.FsFile;
  try {
    Deno.mkdirSync(unfinished, { mode: 0o700 });
    lock = Deno.openSync(`${unfinished}/lock`, { createNew: true, write: true, mode: 0o600 });
    lock.lockSync(true);
    Deno.renameSync(unfinished, path);
  } catch (cause) {
    throw new SiloError(`could not make a run directory in ${base}: ${reasonOf(cause)}`, {
      hint: "Make sure that the directory is writable and its disk is not full.",
      cause,
    });
  }
  const remove = async () => {
    await Deno.remove(path, { recursive: true }).catch(() => {});
    lock.close();
  };
  const removeNow = () => {
    try {
      Deno.removeSync(path, { recursive: true });
      lock.close();
      return true;
    } catch {
      return false;
    }
  };
  return { path, remove, removeNow };
}

/** Removes the directories of runs that are over. Returns the paths removed. Never throws. */
export async function sweepRunDirectories(base: string, now: number): Promise<string[]> {
  const swept: string[] = [];
  try {
    for await (const entry of Deno.readDir(base)) {
      const path = `${base}/${entry.name}`;
      if (entry.isDirectory && await isStale(path, entry.name, now)) {
        await Deno.remove(path, { recursive: true }).then(() => swept.push(path), () => {});
      }
    }
  } catch { /* no base, nothing to sweep */ }
  return swept;
}

/** The run directories whose owners are gone, without removing them. */
export async function staleRunDirectories(base: string, now: number): Promise<string[]> {
  const stale: string[] = [];
  try {
    for await (const entry of Deno.readDir(base)) {
      if (entry.isDirectory && await isStale(`${base}/${entry.name}`, entry.name, now)) stale.push(entry.name);
    }
  } catch { /* no base */ }
  return stale;
}

async function isStale(path: string, name: string, now: number): Promise<boolean> {
  try {
    if (name.startsWith("n-")) {
      const made = (await Deno.lstat(path)).mtime?.getTime() ?? now;
      return now - made > UNFINISHED_LIMIT_MS;
    }
    if (!name.startsWith("r-")) return false;
    using lock = await Deno.open(`${path}/lock`, { write: true });
    return await lock.tryLock(true);
  } catch (error) {
    // A directory that its owner is removing just now may have lost its lock file already: it is stale either way.
    return error instanceof Deno.errors.NotFound && name.startsWith("r-");
  }
}

function ensurePrivate(base: string, uid: number): void {
  try {
    Deno.mkdirSync(base, { mode: 0o700, recursive: true });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) {
      throw new SiloError(`could not make the directory ${base}: ${reasonOf(cause)}`, { cause });
    }
  }
  const info = Deno.lstatSync(base);
  if (info.isDirectory && info.uid === uid) {
    if (((info.mode ?? 0) & 0o077) !== 0) Deno.chmodSync(base, 0o700);
    return;
  }
  throw new SiloError(`could not use ${base} for sockets: it is not a directory of yours`, {
    hint: `Somebody else made it. Have it removed, or set XDG_RUNTIME_DIR to a directory of your own.`,
  });
}

function isOwnDirectory(path: string, uid: number): boolean {
  try {
    const info = Deno.statSync(path);
    return info.isDirectory && info.uid === uid && ((info.mode ?? 0) & 0o022) === 0;
  } catch {
    return false;
  }
}
