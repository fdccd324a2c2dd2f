/**
 * Letting go of entries: never of one that a run has, and whole or not at all, wherever it is cut off.
 *
 * @module
 */
import { removeIfThere, sweepLeftovers, withLock } from "../cache/atomic.ts";
import { coldPath } from "../cache/cold_tier.ts";
import { ifUnused } from "../cache/in_use.ts";
import { tryTakeLock } from "../images/store_locks.ts";
import type { DiskEntry } from "./entries.ts";

/** Removes an entry. Whether that could be done: not while a run uses it. */
export async function evict(entry: Pick<DiskEntry, "kind" | "path" | "forms">): Promise<boolean> {
  const { kind, path } = entry;
  if (kind === "snapshot") {
    // Renamed first: a half-removed one has no name that anybody looks for. Runs that have its files keep them.
    const aside = `${path.slice(0, path.lastIndexOf("/"))}/.gone-${crypto.randomUUID().slice(0, 8)}`;
    await Deno.rename(path, aside);
    await removeIfThere(aside);
    return true;
  }
  return await withLock(`${path}.lock`, async () => {
    const isRaw = await Deno.lstat(path).then(() => true, () => false);
    // The plain file first: without it and its compressed form the sidecar means nothing.
    if (isRaw && !await ifUnused(path, () => removeIfThere(path))) return false;
    await removeIfThere(coldPath(path));
    await removeIfThere(`${path}.json`);
    return true;
  });
}

/** Removes what killed builders and evictions left in a directory of entries; what is under way is left alone. */
export async function sweepEntries(directory: string): Promise<void> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(directory)) names.push(name);
  } catch {
    return; // none yet
  }
  for (const name of names) {
    if (name.startsWith(".gone-")) await removeIfThere(`${directory}/${name}`);
    const snapshot = /^\.([0-9a-f]{32,64})\.tmp-/.exec(name)?.[1];
    if (snapshot !== undefined) {
      using lock = await tryTakeLock(`${directory}/${snapshot}.lock`);
      if (lock !== undefined) await removeIfThere(`${directory}/${name}`);
    }
    const key = /^\.([0-9a-f]{64})\.ext4.*\.tmp-/.exec(name)?.[1];
    if (key === undefined) continue;
    using lock = await tryTakeLock(`${directory}/${key}.ext4.lock`);
    if (lock === undefined) continue;
    for (const  of of[`${key}.ext4`, `${key}.ext4.zst`, `${key}.ext4.json`]) await sweepLeftovers(`${directory}/${of}`);
  }
}
