/**
 * From a tag or digest to the manifest of the image for this host, through indexes if need be.
 *
 * @module
 */
import type { ImageStore } from "../image_store.ts";
import type { Descriptor, ImageConfig, ImageManifest } from "../oci_types.ts";
import type { FetchedDocument, RegistryConnection } from "./connection.ts";
import { downloadBlob, type DownloadOptions } from "./download_blob.ts";
import { DigestFailure } from "./failures.ts";
import { ManifestError, parseConfig, parseManifest } from "./manifest.ts";
import { choosePlatform, type ImagePlatform, platformsOf } from "./platform.ts";

/** Indexes within indexes: real images have one, at most two. */
const MAX_DEPTH = 3;

/** A manifest that was chosen, as it came and as it was read. */
export interface ResolvedImage {
  readonly document: FetchedDocument;
  readonly manifest: ImageManifest;
}

/** Gets a manifest or an index by tag or digest. */
export type FetchManifest = (reference: string) => Promise<FetchedDocument>;

/**
 * Follows indexes down to one image.
 *
 * @throws {ManifestError} if there is none for the platform, or the indexes do not end.
 */
export async function resolveManifest(
  fetchManifest: FetchManifest,
  reference: string,
  platform: ImagePlatform,
): Promise<ResolvedImage> {
  const seen = new Set<string>();
  for (let next = reference, announced: Descriptor | undefined;;) {
    const document = await fetchManifest(next);
    if (announced !== undefined && document.bytes.length !== announced.size) {
      throw new ManifestError(`the manifest ${next} is not as long as its index says`);
    }
    const parsed = parseManifest(document.bytes, announced?.mediaType ?? document.mediaType);
    if (parsed.kind === "image") {
      return { document: { ...document, mediaType: parsed.mediaType }, manifest: parsed.manifest };
    }
    seen.add(document.digest);
    const chosen = choosePlatform(parsed.manifests, platform);
    if (chosen === undefined) {
      throw new ManifestError(
        `there is no image for ${platform.os}/${platform.architecture}, only for ${platformsOf(parsed.manifests)}`,
      );
    }
    if (seen.has(chosen.digest)) throw new ManifestError("its index contains itself");
    if (seen.size === MAX_DEPTH) throw new ManifestError(`its indexes are nested more than ${MAX_DEPTH} deep`);
    announced = chosen;
    next = chosen.digest;
  }
}

/**
 * Loads and checks the configuration: it must be for the platform, and speak of as many layers as the manifest.
 *
 * @throws {ManifestError}
 */
export async function loadConfig(
  store: ImageStore,
  manifest: ImageManifest,
  platform: ImagePlatform,
  options: DownloadOptions,
): Promise<ImageConfig> {
  await downloadBlob(store, manifest.config, options);
  const bytes = await Deno.readFile(store.blobPath(manifest.config.digest));
  const config = parseConfig(bytes, manifest.layers.length);
  if (config.os !== platform.os || config.architecture !== platform.architecture) {
    throw new ManifestError(
      `the image is for ${config.os}/${config.architecture}, and this host runs ${platform.os}/${platform.architecture}`,
    );
  }
  return config;
}

/** A connection's manifests, with the first digest failure forgiven: something on the way may have damaged it once. */
export function manifestsOf(connection: RegistryConnection): FetchManifest {
  return async (reference) => {
    try {
      return await connection.manifest(reference);
    } catch (failure) {
      if (!(failure instanceof DigestFailure)) throw failure;
      return await connection.manifest(reference);
    }
  };
}
