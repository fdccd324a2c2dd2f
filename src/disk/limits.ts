/**
 * The limits of the caches: the person's own `silo.toml`, else silo's.
 *
 * @module
 */
import type { CacheSettings } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { DAY_MS, type Limits, ROOTFS_LIMITS, TOOL_CACHE_LIMITS } from "../cache/policy.ts";
import type { Host } from "../host.ts";

export interface CacheLimits {
  readonly rootfs: Limits;
  /** For a cache of a tool, by `TOOL/NAME`. */
  tool(mount: string): Limits;
}

const MEBIBYTE = 1024 * 1024;

/** Reads the person's limits; `override` stands over them for one command. */
export async function cacheLimits(
  host: Host,
  override: { maxSizeMB?: number | undefined; maxAgeDays?: number | undefined } = {},
): Promise<CacheLimits> {
  const own = await loadConfig(host, `${host.siloHome}/silo.toml`, "user");
  return limitsOf(own?.config.cache ?? {}, override);
}

/** The limits that settings stand for. */
export function limitsOf(
  { rootfs, tools }: CacheSettings,
  override: { maxSizeMB?: number | undefined; maxAgeDays?: number | undefined } = {},
): CacheLimits {
  const limits = (size: number | undefined, age: number | undefined, otherwise: Limits): Limits => {
    const [megabytes, days] = [override.maxSizeMB ?? size, override.maxAgeDays ?? age];
    return {
      maxBytes: megabytes === undefined ? otherwise.maxBytes : megabytes * MEBIBYTE,
      maxAgeMs: days === undefined ? otherwise.maxAgeMs : days * DAY_MS,
    };
  };
  return {
    rootfs: limits(rootfs?.maxSizeMB, rootfs?.maxAgeDays, ROOTFS_LIMITS),
    tool: (mount) => limits(tools?.perMount?.[mount] ?? tools?.maxSizeMB, tools?.maxAgeDays, TOOL_CACHE_LIMITS),
  };
}
