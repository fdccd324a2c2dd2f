import { deepStrictEqual as same } from "node:assert/strict";
import { DAY_MS, ROOTFS_LIMITS, TOOL_CACHE_LIMITS } from "../../../src/cache/policy.ts";
import { limitsOf } from "../../../src/disk/limits.ts";

const MIB = 1024 * 1024;

Deno.test("what silo keeps is 8 GiB for 60 days, and of each tool's cache 4 GiB for 30 days", () => {
  same(ROOTFS_LIMITS, { maxBytes: 8192 * MIB, maxAgeMs: 60 * DAY_MS });
  same(TOOL_CACHE_LIMITS, { maxBytes: 4096 * MIB, maxAgeMs: 30 * DAY_MS });
  same([limitsOf({}).rootfs, limitsOf({}).tool("rust/cargo")], [ROOTFS_LIMITS, TOOL_CACHE_LIMITS]);
});

Deno.test("a person's limits stand instead, of single caches too, and a command's over them for once", () => {
  const settings = { rootfs: { maxSizeMB: 1 }, tools: { maxSizeMB: 2, maxAgeDays: 3, perMount: { "rust/cargo": 4 } } };
  const own = limitsOf(settings);
  same(own.rootfs, { maxBytes: MIB, maxAgeMs: ROOTFS_LIMITS.maxAgeMs });
  same(own.tool("python/pip"), { maxBytes: 2 * MIB, maxAgeMs: 3 * DAY_MS });
  same(own.tool("rust/cargo"), { maxBytes: 4 * MIB, maxAgeMs: 3 * DAY_MS });
  const once = limitsOf(settings, { maxSizeMB: 5, maxAgeDays: 6 });
  same([once.rootfs, once.tool("rust/cargo")], Array(2).fill({ maxBytes: 5 * MIB, maxAgeMs: 6 * DAY_MS }));
});
