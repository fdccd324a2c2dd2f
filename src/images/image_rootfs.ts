/**
 * From an image of the store to a root file system that a machine boots from.
 *
 * @module
 */
import { removeIfThere } from "../cache/atomic.ts";
import { RootfsCache, type RootfsEntry } from "../cache/rootfs_cache.ts";
import { DEFAULT_ROOTFS_SIZE_MB } from "../config/config.ts";
import { type Progress, silent } from "../debian/progress.ts";
import type { Host } from "../host.ts";
import { imageStoreOf } from "./debian_image.ts";
import { setAttributes } from "./ext4_attributes.ts";
import { type FlattenedSize, flattenLayers } from "./flatten_layers.ts";
import type { StoredImage } from "./image_store.ts";

/** Makes an ext4 file system out of an archive: the helper's `rootfs/create`. */
export type CreateRootfs = (
  request: { tar: string; output: string; sizeMiB: number; label: string },
) => Promise<unknown>;

/** The root file systems of a silo home. */
export function rootfsCacheOf(host: Host): RootfsCache {
  return new RootfsCache(`${host.siloHome}/rootfs`);
}

/**
 * The root file system of an image; made if it is not there, or `force`.
 *
 * @throws {SiloError} if a layer is damaged or hostile, or the disk is full.
 */
export async function ensureRootfs(
  host: Host,
  image: StoredImage,
  create: CreateRootfs,
  progress: Progress = silent,
  force = false,
): Promise<RootfsEntry> {
  const task = `make the file system of ${image.reference}`;
  return await rootfsCacheOf(host).ensure(image.digest, async (output) => {
    await makeRootfs(host, image, create, output, (phase) => progress({ task, phase }));
  }, force);
}

/**
 * Makes the root file system of an image as `output`, which does not exist. On macOS machines and builds run on a clone
 * of it, so that it has the room for what they write as well: that file system can never grow.
 *
 * @param roomMiB On macOS, beside what the image takes.
 * @throws {SiloError} as {@link ensureRootfs}.
 */
export async function makeRootfs(
  host: Host,
  image: StoredImage,
  create: CreateRootfs,
  output: string,
  phase: (name: string) => void = () => {},
  roomMiB = DEFAULT_ROOTFS_SIZE_MB,
): Promise<void> {
  const tar = `${output}.tar`; // swept with the entry's other leftovers if this process is killed
  try {
    phase("unpack layers");
    const size = await flattenLayers(imageStoreOf(host).layerPaths(image), tar, {
      diffIds: image.config.rootfs.diff_ids,
    });
    phase("write ext4");
    const sizeMiB = rootfsSizeMiB(size) + (host.platform === "macos" ? roomMiB : 0);
    await create({ tar, output, sizeMiB, label: "root" });
    // ContainerizationEXT4 takes all of an archive's attributes over; mke2fs does not.
    if (host.platform === "linux") await setAttributes(host, output, size.attributed);
  } finally {
    await removeIfThere(tar);
  }
}

/**
 * How large a file system has to be to hold an archive. mke2fs makes an inode for every 16 KiB, and the file is sparse:
 * what is too much costs nothing but its metadata.
 */
export function rootfsSizeMiB(archive: Pick<FlattenedSize, "entries" | "bytes">): number {
  const mebibyte = 1024 * 1024;
  const forData = archive.bytes * 1.1 / mebibyte + 128;
  const forInodes = (archive.entries * 1.2 + 4096) * 16384 / mebibyte;
  return Math.max(1024, Math.ceil(Math.max(forData, forInodes) / 64) * 64);
}
