/**
 * What a cache lets go of: by age, then the longest unused until what is left fits. Pure.
 *
 * @module
 */

/** Something that can be evicted by itself. */
export interface Entry {
  readonly name: string;
  /** Room on the disk, bytes. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
  /** Counts, and is never let go of: it is the only one of something that silo cannot make again by itself. */
  readonly isPinned?: boolean;
}

export interface Limits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** One entry that goes, and why. */
export interface Eviction {
  readonly entry: Entry;
  readonly why: "age" | "size";
}

export const DAY_MS = 24 * 60 * 60 * 1000;

export const ROOTFS_LIMITS: Limits = { maxBytes: 8192 * 1024 ** 2, maxAgeMs: 60 * DAY_MS };
export const TOOL_CACHE_LIMITS: Limits = { maxBytes: 4096 * 1024 ** 2, maxAgeMs: 30 * DAY_MS };
/** From then on an entry is worth compressing. */
export const COLD_AFTER_MS = 14 * DAY_MS;

/** Chooses what goes, the longest unused first. */
export function chooseEvictions(entries: readonly Entry[], limits: Limits, now: number): Eviction[] {
  const oldestFirst = [...entries].sort((a, b) => a.usedAt - b.usedAt || (a.name < b.name ? -1 : 1));
  let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const evictions: Eviction[] = [];
  for (const entry of oldestFirst) {
    if (entry.isPinned) continue;
    const why = now - entry.usedAt > limits.maxAgeMs ? "age" : total > limits.maxBytes ? "size" : undefined;
    if (why === undefined) continue;
    evictions.push({ entry, why });
    total -= entry.bytes;
  }
  return evictions;
}
