/** `silo cache clean` */
import { runBase, staleRunDirectories, sweepRunDirectories } from "../../../engine/run_directory.ts";
import { removeCaches, toolCaches } from "../../../cache/tool_caches.ts";
import { measure } from "../../../cache/disk_usage.ts";
import { isKept, sweepAll } from "../../../disk/collect.ts";
import { diskEntries } from "../../../disk/entries.ts";
import { evict } from "../../../disk/evict.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { entryName, printJson, size, told } from "./shown.ts";

export interface CacheCleanOptions {
  readonly safe?: boolean;
  readonly rootfs?: boolean;
  readonly containers?: boolean;
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function cacheClean(host: Host, options: CacheCleanOptions): Promise<void> {
  if (options.safe && options.all) {
    throw new SiloError("could not understand the command line: --safe and --all do not go together");
  }
  const { dryRun = false } = options;
  const removed: { name: string; bytes: number; isUsed: boolean }[] = [];
  if (!options.containers) {
    const entries = (await diskEntries(host)).filter(({ kind, users, isPinned }) =>
      !isPinned && (!options.safe || (users.length === 0 && kind !== "snapshot")) &&
      (!options.rootfs || kind === "rootfs")
    );
    for (const entry of entries) {
      removed.push({ name: entryName(entry), bytes: entry.usage.disk, isUsed: !dryRun && !await evict(entry) });
    }
    if (!dryRun) await sweepAll(host);
  }
  if (options.all) removed.push(...await cleanToolCaches(host, dryRun));
  const takeStale = dryRun ? staleRunDirectories : sweepRunDirectories;
  const stale = options.containers ? await takeStale(runBase(host), host.now()) : [];
  const bytes = removed.reduce((sum, { bytes, isUsed }) => sum + (isUsed ? 0 : bytes), 0);
  if (options.json) return printJson({ dryRun, bytes, removed, runs: stale.length });
  const tell = told(host, dryRun);
  for (const { name, bytes, isUsed } of removed) {
    tell(`${isUsed ? "In use, kept:" : dryRun ? "Would remove" : "Removed"} ${name}, ${size(bytes)}`);
  }
  if (stale.length > 0) {
    tell(`${dryRun ? "Would remove" : "Removed"} what ${stale.length} killed run${stale.length === 1 ? "" : "s"} left`);
  } else tell(bytes === 0 ? "There is nothing to remove." : `${dryRun ? "Would free" : "Freed"} ${size(bytes)}`);
}

async function cleanToolCaches(host: Host, dryRun: boolean) {
  const removed = [];
  const caches = await toolCaches(host);
  for (
    const [tool, owner] of new Set(caches.map((it) => `${it.tool}\0${it.owner}`)).values().map((it) => it.split("\0"))
  ) {
    const all = caches.filter((cache) => cache.tool === tool && cache.owner === owner);
    const own = all.filter((cache) => !isKept(host, cache));
    if (own.length === 0) continue;
    const bytes = (await Promise.all(own.map(({ path }) => measure(path)))).reduce((sum, { disk }) => sum + disk, 0);
    const names = own.length === all.length ? undefined : own.map(({ name }) => name);
    const isUsed = !dryRun && !await removeCaches(host, tool!, owner!, names);
    removed.push({ name: `caches of ${tool} (${own.map(({ name }) => name).join(", ")})`, bytes, isUsed });
  }
  return removed;
}
