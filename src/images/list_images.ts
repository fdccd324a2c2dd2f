/**
 * What images the store has, for people: `silo image ls`.
 *
 * @module
 */
import type { ImageStore } from "./image_store.ts";

export interface ImageSummary {
  readonly reference: string;
  /** Digest of the manifest. */
  readonly digest: string;
  readonly layers: number;
  /** What its blobs take on the disk, bytes; layers that other images share count for each. */
  readonly bytes: number;
  /** `os/architecture`. */
  readonly platform: string;
  /** ISO 8601, if the image says so; not to be trusted. */
  readonly created: string | undefined;
  /** Whether an installed tool has it. */
  readonly isNeeded: boolean;
}

/** All images with a name, by name. An image with blobs missing is not there. `needed`: digests that tools have. */
export async function listImages(store: ImageStore, needed: readonly string[]): Promise<ImageSummary[]> {
  const summaries: ImageSummary[] = [];
  for (const reference of (await store.references()).toSorted()) {
    const image = await store.resolve(reference);
    if (image === undefined) continue;
    const { digest, manifest, config } = image;
    const distinct = new Map([manifest.config, ...manifest.layers].map((blob) => [blob.digest, blob.size]));
    summaries.push({
      reference,
      digest,
      layers: manifest.layers.length,
      bytes: distinct.values().reduce((sum, size) => sum + size, 0),
      platform: `${config.os}/${config.architecture}`,
      created: typeof config.created === "string" ? config.created : undefined,
      isNeeded: needed.includes(digest),
    });
  }
  return summaries;
}
