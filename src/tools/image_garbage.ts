/**
 * Freeing what installed tools do not need: the images and root file systems of a silo home.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { imageStoreOf } from "../images/debian_image.ts";
import { collectGarbage, type Garbage } from "../images/gc.ts";
import { rootfsCacheOf } from "../images/image_rootfs.ts";
import { readInstalled } from "./installed.ts";

/** Names of the installed tools by the digest of their image. */
export function toolsByImage(host: Host): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { image, name } of readInstalled(host).values()) names.set(image, [...names.get(image) ?? [], name]);
  return names;
}

/**
 * Removes images and root file systems that no installed tool has. Runs under way keep what they use until they end.
 *
 * @param options `dropNames`: images that have a name and no tool go too. `dryRun`: only tell.
 * @returns What was, or would be, removed; undefined if an image is being stored right now.
 * @throws {import("../errors.ts").SiloError} if a manifest or the list of tools is damaged.
 */
export async function freeImages(
  host: Host,
  options: { readonly dropNames: boolean; readonly dryRun: boolean },
): Promise<Garbage | undefined> {
  const needed = () => [...toolsByImage(host).keys()];
  return await collectGarbage(imageStoreOf(host), { ...options, needed, rootfs: rootfsCacheOf(host) });
}

/** Takes the names of an image away, unless a tool has it, and frees it with all else that nothing needs. */
export async function freeImage(host: Host, digest: string): Promise<void> {
  const store = imageStoreOf(host);
  if (!toolsByImage(host).has(digest)) {
    for (const reference of await store.references()) {
      if ((await store.resolve(reference))?.digest === digest) await store.untag(reference);
    }
  }
  await freeImages(host, { dropNames: false, dryRun: false });
}
