/**
 * What a build stands on that asks for more room than images' file systems are made with.
 *
 * @module
 */
import { removeIfThere } from "../cache/atomic.ts";
import { DEFAULT_ROOTFS_SIZE_MB } from "../config/config.ts";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { imageStoreOf } from "../images/debian_image.ts";
import { type CreateRootfs, makeRootfs } from "../images/image_rootfs.ts";
import type { InstalledTool } from "../tools/installed.ts";

/** A root file system for one build; disposing of it removes it. */
export interface RoomyBase extends AsyncDisposable {
  readonly path: string;
}

/**
 * Unpacks the tool's image once more, with that much room. Only on macOS, where file systems never grow; undefined where
 * the tool's own will do, or where the tool is itself a build, whose room is what it was built with.
 *
 * @param output What is being built: the file is beside it, and swept with it.
 * @throws {SiloError} if the image is not there or damaged, or the disk is full.
 */
export async function roomyBase(
  host: Host,
  tool: Pick<InstalledTool, "name" | "image" | "source" | "rootfs">,
  roomMiB: number,
  output: string,
  create: CreateRootfs,
): Promise<RoomyBase | undefined> {
  if (host.platform !== "macos" || roomMiB <= DEFAULT_ROOTFS_SIZE_MB || !tool.rootfs.startsWith("rootfs/")) return;
  const image = await imageStoreOf(host).read(tool.image as `sha256:${string}`, tool.source);
  if (image === undefined) {
    throw new SiloError(`could not build ${tool.name}: its image is not there, and only it can be given more room`, {
      hint: `Make it anew: silo install ${tool.name}`,
    });
  }
  const path = `${output}.base`;
  await makeRootfs(host, image, create, path, undefined, roomMiB);
  return { path, [Symbol.asyncDispose]: () => removeIfThere(path) };
}
