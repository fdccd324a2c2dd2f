/** `silo cache gc`, `silo prune` */
import { collectEntries, collectToolCaches, roomOf } from "../../../disk/collect.ts";
import { cacheLimits } from "../../../disk/limits.ts";
import type { Host } from "../../../host.ts";
import { freeImages } from "../../../tools/image_garbage.ts";
import { ago, entryName, printJson, size, told } from "./shown.ts";

export interface GcOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly images?: boolean;
  readonly toolCaches?: boolean;
  readonly all?: boolean;
  readonly maxSize?: number;
  readonly maxAge?: number;
}

export async function cacheGc(host: Host, options: GcOptions): Promise<void> {
  const { dryRun = false } = options;
  const limits = await cacheLimits(host, { maxSizeMB: options.maxSize, maxAgeDays: options.maxAge });
  const collected = await collectEntries(host, limits, { dryRun, orphans: options.all ?? false });
  const caches = options.toolCaches || options.all ? await collectToolCaches(host, limits, dryRun) : [];
  const images = options.images || options.all ? await freeImages(host, { dropNames: true, dryRun }) : undefined;
  const gone = collected.filter(({ isUsed }) => !isUsed);
  const bytes = roomOf(gone.map(({ entry }) => entry)) + caches.reduce((sum, { disk }) => sum + disk, 0) +
    (images?.bytes ?? 0);
  if (options.json) {
    return printJson({
      dryRun,
      bytes,
      entries: collected.map(({ entry, why, isUsed }) => ({ ...entry, why, isUsed })),
      caches: caches.map(({ cache, files, disk }) => ({ ...cache, files, disk })),
      images: images ?? null,
    });
  }
  const tell = told(host, dryRun);
  const would = dryRun ? "Would remove" : "Removed";
  for (const { entry, why, isUsed } of collected) {
    const reason = why === "orphan"
      ? "nothing needs it any more"
      : why === "age"
      ? `last used ${ago(entry.usedAt, host.now())}`
      : "over the size limit";
    tell(`${isUsed ? "In use, kept:" : would} ${entryName(entry)}, ${size(entry.usage.disk)}: ${reason}`);
  }
  for (const { cache, files, disk } of caches) {
    tell(`${would} ${files} files of the cache ${cache.tool}/${cache.name}, ${size(disk)}`);
  }
  if (images !== undefined && images.bytes > 0) {
    const { blobs, rootfs, bytes } = images;
    tell(`${would} ${blobs.length} blobs and ${rootfs.length} root file systems of images, ${size(bytes)}`);
  }
  tell(bytes === 0 ? "Everything is within its limits." : `${dryRun ? "Would free" : "Freed"} ${size(bytes)}`);
}
