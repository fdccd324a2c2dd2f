/**
 * One way to every image that is not built here: pulled from a registry, or read from files.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { importImage } from "./archive_source.ts";
import type { ImageSource } from "./image_source.ts";
import type { ImageStore, StoredImage } from "./image_store.ts";
import { pullImage, type PullOptions } from "./registry/pull.ts";

/**
 * Gets an image into the store and names it. What the store has already is not fetched again; a tag is always asked
 * for anew, as it may have moved.
 *
 * @throws {SiloError} with one message that says what, where, why, and what to do.
 */
export async function obtainImage(
  host: Host,
  store: ImageStore,
  source: ImageSource,
  options: PullOptions = {},
): Promise<StoredImage> {
  if (source.kind === "registry") return await pullImage(host, store, source.reference, options);
  options.progress?.({ task: `read ${source.kind}:${source.path}`, phase: "copy" });
  return await importImage(host, store, source);
}
