/**
 * Caches of tools: `caches/TOOL/PROJECT/NAME` in the silo home, where PROJECT is the project's key, or `shared` for what
 * a tool keeps for itself. Beside each PROJECT directory lies its lock, which every run that has it holds: the
 * directory itself belongs to sandboxes.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { sum, type Usage, usageOf, walk } from "./disk_usage.ts";
import { ifUnused } from "./in_use.ts";
import type { Limits } from "./policy.ts";

/** Where a run finds its caches. */
export const GUEST_CACHES = "/var/cache/silo";
/** In place of a project's key: one for all projects. */
export const SHARED = "shared";

/** One cache of a tool for a project. */
export interface ToolCache {
  readonly tool: string;
  /** A project's key, or {@link SHARED}. */
  readonly owner: string;
  readonly name: string;
  readonly path: string;
  readonly lock: string;
}

export function cachesDirectory(host: Pick<Host, "siloHome">): string {
  return `${host.siloHome}/caches`;
}

/** The directory that a run of a tool shares, and the lock that it holds. */
export function ownerDirectory(host: Pick<Host, "siloHome">, tool: string, owner: string) {
  const path = `${cachesDirectory(host)}/${tool}/${owner}`;
  return { path, lock: `${path}.lock` };
}

/** All caches that there are, in order. */
export async function toolCaches(host: Pick<Host, "siloHome">): Promise<ToolCache[]> {
  const caches: ToolCache[] = [];
  for (const tool of await directoriesIn(cachesDirectory(host))) {
    for (const owner of await directoriesIn(`${cachesDirectory(host)}/${tool}`)) {
      const { path, lock } = ownerDirectory(host, tool, owner);
      for (const name of await directoriesIn(path)) caches.push({ tool, owner, name, path: `${path}/${name}`, lock });
    }
  }
  return caches;
}

export interface Trimmed extends Usage {
  readonly files: number;
}

/**
 * Removes files of a cache by age, then the longest unused until it fits; a cache that a run has is left alone.
 *
 * @returns what was, or would be, removed; undefined if a run has it.
 */
export async function trimCache(
  cache: ToolCache,
  limits: Limits,
  now: number,
  dryRun: boolean,
): Promise<Trimmed | undefined> {
  let trimmed: Trimmed | undefined;
  await ifUnused(cache.lock, async () => {
    trimmed = await trim(cache.path, limits, now, dryRun);
  });
  return trimmed;
}

/**
 * Removes the caches of a tool for an owner: all of them, or those named. Whether that could be done: not while a run has
 * them.
 */
export async function removeCaches(
  host: Pick<Host, "siloHome">,
  tool: string,
  owner: string,
  names?: readonly string[],
): Promise<boolean> {
  const { path, lock } = ownerDirectory(host, tool, owner);
  const { removeIfThere } = await import("./atomic.ts");
  return await ifUnused(lock, async () => {
    for (const gone of names?.map((name) => `${path}/${name}`) ?? [path]) await removeIfThere(gone);
  });
}

async function trim(path: string, limits: Limits, now: number, dryRun: boolean): Promise<Trimmed> {
  const { chooseEvictions } = await import("./policy.ts");
  const files: { name: string; bytes: number; usedAt: number; usage: Usage }[] = [];
  const directories: string[] = [];
  for await (const { path: at, info } of walk(path)) {
    if (info.isDirectory) {
      if (at !== path) directories.push(at);
      continue;
    }
    const usage = usageOf(info);
    const usedAt = Math.max(info.atime?.getTime() ?? 0, info.mtime?.getTime() ?? 0);
    files.push({ name: at, bytes: usage.disk, usedAt, usage });
  }
  const gone = chooseEvictions(files, limits, now);
  if (!dryRun) {
    for (const { entry } of gone) await Deno.remove(entry.name).catch(() => {});
    // Deepest first, as they were found; those that are not empty stay.
    if (gone.length > 0) { for (const directory of directories) await Deno.remove(directory).catch(() => {}); }
  }
  return { ...sum(gone.map(({ entry }) => (entry as (typeof files)[number]).usage)), files: gone.length };
}

async function directoriesIn(path: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(path)) if (isDirectory) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}
