/**
 * Garbage: what lies in the image store and nothing needs, found by walking from the names and the installed tools to
 * their manifests, and from there to configurations and layers.
 *
 * @module
 */
import { fileSize, removeIfThere } from "../cache/atomic.ts";
import type { RootfsCache } from "../cache/rootfs_cache.ts";
import type { ImageStore } from "./image_store.ts";
import { type Descriptor, type Digest, type ImageIndex, type ImageManifest, isDigest, REF_NAME } from "./oci_types.ts";
import { partialDirectory } from "./registry/partial_blob.ts";
import { storingLock, tryTakeLock } from "./store_locks.ts";

export interface GarbageRequest {
  /** Manifests that installed tools need, beside those that have a name. Asked under the lock: what it says holds. */
  readonly needed: () => readonly string[];
  /** Take away the names of images that `needed` does not hold, and with them the images. */
  readonly dropNames: boolean;
  /** Only tell. */
  readonly dryRun: boolean;
  /** The root file systems that were made of images: those that no tool needs are garbage. */
  readonly rootfs?: RootfsCache;
}

export interface Garbage {
  /** Names whose images nothing needs; empty unless names are dropped. */
  readonly names: readonly string[];
  readonly blobs: readonly { readonly digest: Digest; readonly size: number }[];
  readonly rootfs: readonly { readonly digest: string; readonly size: number }[];
  /** Files of broken-off downloads and of killed processes. */
  readonly leftovers: number;
  /** All of it, bytes. */
  readonly bytes: number;
}

/** Indexes within indexes. */
const MAX_DEPTH = 8;

/**
 * Removes what nothing needs. While anything is being stored nothing is touched, as a blob that is stored and not yet
 * named looks like garbage.
 *
 * @returns What was, or would be, removed; undefined if something is being stored right now.
 * @throws {SiloError} if a manifest is damaged: what it needs is not known then, so nothing is removed.
 */
export async function collectGarbage(store: ImageStore, request: GarbageRequest): Promise<Garbage | undefined> {
  using lock = await tryTakeLock(storingLock(store.directory));
  if (lock === undefined) return undefined;
  const needed = request.needed();
  const manifests = await namedManifests(store);
  const dropped = request.dropNames ? manifests.filter(({ digest }) => !needed.includes(digest)) : [];
  const used = new Set<Digest>();
  const kept = manifests.filter((one) => !dropped.includes(one)).map(({ digest }) => digest);
  for (const digest of [...kept, ...needed]) if (isDigest(digest)) await mark(store, digest, used);

  const blobs: { digest: Digest; size: number; path: string }[] = [];
  const leftovers: { size: number; path: string }[] = [];
  const directory = `${store.directory}/blobs/sha256`;
  for (const { name, path, size } of await filesIn(directory)) {
    const digest = `sha256:${name}`;
    if (!isDigest(digest)) leftovers.push({ size, path });
    else if (!used.has(digest)) blobs.push({ digest, size, path });
  }
  const partial = await filesIn(partialDirectory(store.directory));
  // Nobody holds one now, as whoever does stores something; they are too small to tell about.
  const locks = partial.filter(({ name }) => name.endsWith(".lock"));
  leftovers.push(...partial.filter((file) => !locks.includes(file)));
  leftovers.push(...(await filesIn(store.directory)).filter(({ name }) => /^\.(unpack|index\.json\.tmp)-/.test(name)));

  const rootfs = await request.rootfs?.disks() ?? [];
  leftovers.push(...await request.rootfs?.leftovers() ?? []);
  const unusedRootfs = rootfs.filter(({ digest }) => !needed.includes(digest));

  const names = dropped.flatMap((one) => one.annotations?.[REF_NAME] ?? []);
  if (!request.dryRun) {
    // Names first: whatever is cut off then, no name leads to an image that is not whole.
    for (const name of names) await store.untag(name);
    for (const { path } of [...blobs, ...leftovers, ...locks]) await removeIfThere(path);
    for (const { digest } of unusedRootfs) await request.rootfs!.remove(digest);
  }
  const bytes = [...blobs, ...leftovers, ...unusedRootfs].reduce((sum, { size }) => sum + size, 0);
  return {
    names,
    blobs: blobs.map(({ digest, size }) => ({ digest, size })),
    rootfs: unusedRootfs,
    leftovers: leftovers.length,
    bytes,
  };
}

/** Marks a manifest and all that it needs. One that is not there needs nothing. */
async function mark(store: ImageStore, digest: Digest, used: Set<Digest>, depth = 0): Promise<void> {
  if (used.has(digest) || depth > MAX_DEPTH) return;
  const size = await fileSize(store.blobPath(digest));
  if (size === undefined) return;
  used.add(digest);
  const document = await store.readDocument<Partial<ImageManifest & ImageIndex>>({ mediaType: "", digest, size });
  for (const part of [document.config, ...(document.layers ?? [])]) if (part) used.add(part.digest);
  for (const manifest of document.manifests ?? []) await mark(store, manifest.digest, used, depth + 1);
}

async function namedManifests(store: ImageStore): Promise<readonly Descriptor[]> {
  const index = await Deno.readTextFile(`${store.directory}/index.json`).then(
    (text): ImageIndex => JSON.parse(text),
    (error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    },
  );
  return index?.manifests ?? [];
}

async function filesIn(directory: string): Promise<{ name: string; path: string; size: number }[]> {
  const files: { name: string; path: string; size: number }[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(directory)) {
      const path = `${directory}/${name}`;
      if (isFile) files.push({ name, path, size: await fileSize(path) ?? 0 });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files;
}
