/**
 * Room on the disk.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";

/** Kernel, its modules, package lists and the scratch disk's template; on macOS the archive of the kernel. Bytes. */
export const roomForMachine = ({ platform }: Pick<Host, "platform">): number => platform === "macos" ? 1.2e9 : 500e6;
/** An image while it is built: packages, archive, layer and root file system of a larger tool, bytes. */
export const ROOM_FOR_IMAGE = 1.5e9;

/** A layer of one byte unpacks to about three, which are there as an archive and as a file system for a while. */
const ROOM_PER_LAYER_BYTE = 6;

/** What making an image's root file system takes, bytes. */
export function roomForRootfs({ manifest }: { manifest: { layers: readonly { size: number }[] } }): number {
  return 100e6 + manifest.layers.reduce((sum, { size }) => sum + size, 0) * ROOM_PER_LAYER_BYTE;
}

/** Bytes that the user may still write to the silo home's disk. Throws what the system says if it cannot be told. */
export function freeRoom(host: Pick<Host, "siloHome">): number {
  const { bavail, bsize } = statfsSync(host.siloHome);
  return bavail * bsize;
}

/**
 * Makes sure there is room before long work begins: some of the programs that do it never end on a full disk.
 *
 * @throws {SiloError} if there is less than `needed` bytes.
 */
export function assertRoom(host: Pick<Host, "siloHome">, doing: string, needed: number): void {
  const free = freeRoom(host);
  if (free >= needed) return;
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  throw new SiloError(
    `could not ${doing}: there is not enough space on the disk of ${host.siloHome}: ${megabytes(free)} free, ` +
      `about ${megabytes(needed)} needed`,
    { hint: "Make room there, or set SILO_HOME to a directory on another disk." },
  );
}
