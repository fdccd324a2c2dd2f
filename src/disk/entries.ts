/**
 * The large things of a silo home that can be let go of one by one: root file systems of images, what was built on them,
 * snapshots of booted machines.
 *
 * @module
 */
import { bakesOf } from "../bakes/bake_store.ts";
import { isOrphaned, readProjects } from "../bakes/projects.ts";
import { coldPath } from "../cache/cold_tier.ts";
import { measure, sum, type Usage, usageOf } from "../cache/disk_usage.ts";
import type { Host } from "../host.ts";
import { rootfsCacheOf } from "../images/image_rootfs.ts";
import { readInstalled } from "../tools/installed.ts";

export type EntryKind = "rootfs" | "build" | "snapshot";

export interface DiskEntry {
  readonly kind: EntryKind;
  /** Names the entry: hexadecimal, from a digest. */
  readonly key: string;
  /** Its plain form. */
  readonly path: string;
  readonly forms: "raw" | "zstd" | "both";
  readonly usage: Usage;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
  /** Tools and projects that need it. */
  readonly users: readonly string[];
  /** Nothing makes it again by itself but a new installation. */
  readonly isPinned: boolean;
}

/** All of them, the last used first. */
export async function diskEntries(host: Host): Promise<DiskEntry[]> {
  const users = usersOf(host);
  const entries = [
    ...await fileEntries(rootfsCacheOf(host).directory, "rootfs", users),
    ...await fileEntries(bakesOf(host).directory, "build", users),
    ...await snapshots(`${host.siloHome}/snapshots`),
  ];
  return entries.sort((a, b) => b.usedAt - a.usedAt);
}

interface Users {
  readonly by: ReadonlyMap<string, readonly string[]>;
  readonly pinned: ReadonlySet<string>;
}

/** Who needs which entry, by key. */
function usersOf(host: Host): Users {
  const by = new Map<string, string[]>();
  const pinned = new Set<string>();
  const note = (key: string, user: string) => by.set(key, [...new Set([...by.get(key) ?? [], user])]);
  for (const { name, image, rootfs } of readInstalled(host).values()) {
    note(image.replace(/^sha256:/, ""), name);
    const built = /^bakes\/([0-9a-f]{64})\.ext4$/.exec(rootfs)?.[1];
    if (built === undefined) continue;
    note(built, name);
    pinned.add(built);
  }
  for (const project of readProjects(host)) {
    if (isOrphaned(project)) continue;
    for (const key of Object.values(project.bakes).flat()) {
      note(key, project.path === host.siloHome ? "global" : project.path);
    }
  }
  return { by, pinned };
}

async function fileEntries(directory: string, kind: EntryKind, { by, pinned }: Users): Promise<DiskEntry[]> {
  const keys = new Set<string>();
  for (const name of await namesIn(directory)) {
    const key = /^([0-9a-f]{64})\.ext4(\.zst)?$/.exec(name)?.[1];
    if (key !== undefined) keys.add(key);
  }
  const entries: DiskEntry[] = [];
  for (const key of keys) {
    const path = `${directory}/${key}.ext4`;
    const [raw, cold, sidecar] = await Promise.all([path, coldPath(path), `${path}.json`].map(statOf));
    const forms = raw === undefined ? "zstd" : cold === undefined ? "raw" : "both";
    const there = [raw, cold].filter((info) => info !== undefined);
    if (there.length === 0) continue; // removed meanwhile
    const usedAt = Math.max(...[sidecar, ...there].map((info) => info?.mtime?.getTime() ?? 0));
    const usage = { disk: sum(there.map(usageOf)).disk, apparent: raw?.size ?? cold?.size ?? 0 };
    entries.push({ kind, key, path, forms, usage, usedAt, users: by.get(key) ?? [], isPinned: pinned.has(key) });
  }
  return entries;
}

/** A directory each; what is in it is their maker's business. */
async function snapshots(directory: string): Promise<DiskEntry[]> {
  const entries: DiskEntry[] = [];
  for (const key of await namesIn(directory)) {
    const path = `${directory}/${key}`;
    const info = await statOf(path);
    if (!info?.isDirectory || key.startsWith(".")) continue;
    const usage = await measure(path);
    const usedAt = info.mtime?.getTime() ?? 0; // set by whoever restores it
    entries.push({ kind: "snapshot", key, path, forms: "raw", usage, usedAt, users: [], isPinned: false });
  }
  return entries;
}

async function namesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(directory)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  return await Deno.lstat(path).catch(() => undefined);
}
