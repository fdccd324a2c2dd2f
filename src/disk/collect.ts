/**
 * Bringing the caches back under their limits.
 *
 * @module
 */
import { bakesOf } from "../bakes/bake_store.ts";
import type { Usage } from "../cache/disk_usage.ts";
import { chooseEvictions, type Entry } from "../cache/policy.ts";
import { type ToolCache, toolCaches, trimCache, type Trimmed } from "../cache/tool_caches.ts";
import type { Host } from "../host.ts";
import { rootfsCacheOf } from "../images/image_rootfs.ts";
import { readDefinition } from "../tools/registry.ts";
import { diskEntries, type DiskEntry } from "./entries.ts";
import { evict, sweepEntries } from "./evict.ts";
import type { CacheLimits } from "./limits.ts";

export interface Collected {
  readonly entry: DiskEntry;
  readonly why: "age" | "size" | "orphan";
  /** Whether a run has it, so that it stayed. */
  readonly isUsed: boolean;
}

export interface CollectOptions {
  readonly dryRun: boolean;
  /** Also what was built and no tool and no project that is still there needs. */
  readonly orphans?: boolean;
  /** Stops between two entries when it says so. */
  readonly isLate?: () => boolean;
}

/** Lets go of root file systems, builds and snapshots beyond their limits. */
export async function collectEntries(
  host: Host,
  { rootfs }: CacheLimits,
  { dryRun, orphans = false, isLate = () => false }: CollectOptions,
): Promise<Collected[]> {
  const collected: Collected[] = [];
  const all = await diskEntries(host);
  for (const entry of orphans ? all.filter(isOrphan) : []) {
    collected.push({ entry, why: "orphan", isUsed: !dryRun && !await evict(entry) });
  }
  const entries = all.filter((entry) => !orphans || !isOrphan(entry)).map((entry): Entry & { entry: DiskEntry } => (
    { name: entry.key, bytes: entry.usage.disk, usedAt: entry.usedAt, isPinned: entry.isPinned, entry }
  ));
  for (const { entry: chosen, why } of chooseEvictions(entries, rootfs, host.now())) {
    if (isLate()) break;
    const { entry } = chosen as (typeof entries)[number];
    collected.push({ entry, why, isUsed: !dryRun && !await evict(entry) });
  }
  if (!dryRun) await sweepAll(host);
  return collected;
}

function isOrphan({ kind, users, isPinned }: DiskEntry): boolean {
  return kind === "build" && users.length === 0 && !isPinned;
}

/** Removes what killed processes left. */
export async function sweepAll(host: Host): Promise<void> {
  for (const directory of [rootfsCacheOf(host).directory, bakesOf(host).directory, `${host.siloHome}/snapshots`]) {
    await sweepEntries(directory);
  }
}

export interface CollectedCache extends Trimmed {
  readonly cache: ToolCache;
}

/** Trims the caches of tools, but those that must stay as they are; undefined sizes: a run has it. */
export async function collectToolCaches(host: Host, limits: CacheLimits, dryRun: boolean): Promise<CollectedCache[]> {
  const collected: CollectedCache[] = [];
  for (const cache of await toolCaches(host)) {
    if (isKept(host, cache)) continue;
    const trimmed = await trimCache(cache, limits.tool(`${cache.tool}/${cache.name}`), host.now(), dryRun);
    if (trimmed !== undefined && trimmed.files > 0) collected.push({ ...trimmed, cache });
  }
  return collected;
}

/** Whether the tool's definition says that the cache must never be cleaned up: a login, settings. */
export function isKept(host: Host, { tool, name }: Pick<ToolCache, "tool" | "name">): boolean {
  try {
    return readDefinition(host, tool)?.caches.find((cache) => cache.name === name)?.noGC ?? false;
  } catch {
    return true; // nobody knows: it stays
  }
}

/** The room of all. */
export function roomOf(parts: readonly { readonly usage: Usage }[]): number {
  return parts.reduce((sum, { usage }) => sum + usage.disk, 0);
}
