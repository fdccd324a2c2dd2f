/**
 * Where the room of a silo home goes.
 *
 * @module
 */
import { measure, NO_USAGE, sum, type Usage } from "../cache/disk_usage.ts";
import { cachesDirectory } from "../cache/tool_caches.ts";
import type { Host } from "../host.ts";
import { freeImages } from "../tools/image_garbage.ts";
import { diskEntries, type DiskEntry } from "./entries.ts";

export interface Bucket extends Usage {
  readonly name: string;
  readonly note: string;
}

export interface Report {
  readonly home: string;
  readonly buckets: readonly Bucket[];
  readonly total: Usage;
  /** Blobs of images that nothing needs, bytes; undefined while an image is being stored. */
  readonly orphanBlobs: number | undefined;
}

/** Measures everything. */
export async function reportDisk(host: Host): Promise<Report> {
  const entries = await diskEntries(host);
  const ofKind = (kind: DiskEntry["kind"]) => entries.filter((entry) => entry.kind === kind);
  const forms = (kind: DiskEntry["kind"]) => {
    const count = (form: string) => ofKind(kind).filter((entry) => entry.forms === form).length;
    return `${count("raw")} raw, ${count("zstd")} zstd, ${count("both")} both`;
  };
  const [caches, images, machine, all] = await Promise.all([
    measure(cachesDirectory(host)),
    measure(`${host.siloHome}/images`),
    measure(`${host.siloHome}/machine`),
    measure(host.siloHome),
  ]);
  const garbage = await freeImages(host, { dropNames: false, dryRun: true }).catch(() => undefined);
  const orphanBlobs = garbage?.blobs.reduce((bytes, { size }) => bytes + size, 0);
  const usage = (kind: DiskEntry["kind"]) => sum(ofKind(kind).map((entry) => entry.usage));
  const buckets: Bucket[] = [
    { name: "root file systems", ...usage("rootfs"), note: forms("rootfs") },
    { name: "builds", ...usage("build"), note: forms("build") },
    { name: "snapshots", ...usage("snapshot"), note: `${ofKind("snapshot").length}` },
    { name: "tool caches", ...caches, note: "" },
    { name: "images", ...images, note: orphanBlobs ? "some of it orphaned: silo cache gc --images" : "" },
    { name: "machine", ...machine, note: "kernel, initial file system" },
  ];
  const known = sum(buckets);
  const rest = { disk: Math.max(0, all.disk - known.disk), apparent: Math.max(0, all.apparent - known.apparent) };
  return {
    home: host.siloHome,
    buckets: rest.disk > 0 ? [...buckets, { name: "other", ...rest, note: "" }] : buckets,
    total: all.disk > 0 ? { disk: known.disk + rest.disk, apparent: known.apparent + rest.apparent } : NO_USAGE,
    orphanBlobs,
  };
}
