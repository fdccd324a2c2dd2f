/**
 * What `docker save` and `podman save` write: `manifest.json`, a configuration, and layers as tar archives.
 *
 * Format: Docker Image Specification v1.2, "Combined Image JSON + Filesystem Changeset Format".
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type ArchiveFiles, readWhole } from "./archive_files.ts";
import type { ImageStore } from "./image_store.ts";
import { readLayer } from "./layer_stream.ts";
import { type Descriptor, type Digest, type ImageConfig, type ImageManifest, MEDIA_TYPE } from "./oci_types.ts";
import { MAX_DOCUMENT_BYTES, parseConfig } from "./registry/manifest.ts";
import type { ImagePlatform } from "./registry/platform.ts";

interface SavedImage {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}

/**
 * Copies an image into the store, as an OCI image without a name. Each layer must be what the configuration says it
 * unpacks to.
 *
 * @param name One of `RepoTags`; may be left out if there is one image only.
 */
export async function readDockerArchive(
  store: ImageStore,
  files: ArchiveFiles,
  name: string | undefined,
  platform: ImagePlatform,
): Promise<{ descriptor: Descriptor; manifest: ImageManifest; config: ImageConfig }> {
  const saved = choose(readList(await readWhole(files, "manifest.json", MAX_DOCUMENT_BYTES)), name);
  const bytes = await readWhole(files, saved.Config, MAX_DOCUMENT_BYTES);
  const config = parseConfig(bytes, saved.Layers.length);
  if (config.os !== platform.os || config.architecture !== platform.architecture) {
    throw new SyntaxError(
      `it is for ${config.os}/${config.architecture}, and this host runs ${platform.os}/${platform.architecture}`,
    );
  }
  const layers: Descriptor[] = [];
  for (const [at, file] of saved.Layers.entries()) {
    if (await files.size(file) === undefined) throw new SyntaxError(`layer ${at + 1} (${file}) is missing`);
    const stored = await store.putBlob(files.stream(file), "");
    const path = store.blobPath(stored.digest);
    const diffId = await contentDigest(path, stored.digest, config.rootfs.diff_ids[at]!);
    if (diffId !== config.rootfs.diff_ids[at]) {
      throw new SyntaxError(`layer ${at + 1} (${file}) is not what the configuration says: ${diffId}`);
    }
    layers.push({ ...stored, mediaType: await layerType(path) });
  }
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: await store.putBlob(ReadableStream.from([bytes]), MEDIA_TYPE.config),
    layers,
  };
  return { descriptor: await store.putDocument(manifest, MEDIA_TYPE.manifest), manifest, config };
}

function readList(bytes: Uint8Array): SavedImage[] {
  const list: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  if (!Array.isArray(list)) throw new SyntaxError("manifest.json is no list");
  return list.map((one, at) => {
    const isTexts = (value: unknown) => Array.isArray(value) && value.every((text) => typeof text === "string");
    const RepoTags = one?.RepoTags ?? [];
    if (typeof one?.Config !== "string" || !isTexts(one.Layers) || !isTexts(RepoTags)) {
      throw new SyntaxError(`image ${at + 1} of manifest.json has no Config and Layers`);
    }
    return { Config: one.Config, Layers: one.Layers, RepoTags };
  });
}

function choose(images: readonly SavedImage[], name: string | undefined): SavedImage {
  const fitting = name === undefined ? images : images.filter(({ RepoTags }) => RepoTags.includes(name));
  if (fitting.length === 1) return fitting[0]!;
  const names = images.flatMap(({ RepoTags }) => RepoTags).slice(0, 10).join(", ") || "no names";
  if (fitting.length === 0) throw new RangeError(`it holds no image called ${name ?? "anything"}, but ${names}`);
  throw new RangeError(`it holds several images: name one of ${names} behind another colon`);
}

/** The digest of a layer's tar archive. A plain one is its own. */
async function contentDigest(path: string, digest: Digest, expected: Digest): Promise<Digest> {
  if (digest === expected) return digest;
  const hash = createHash("sha256");
  for await (const chunk of readLayer(path)) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}

async function layerType(path: string): Promise<string> {
  using file = await Deno.open(path);
  const magic = new Uint8Array(4);
  await file.read(magic);
  const plain = "application/vnd.oci.image.layer.v1.tar";
  if (magic[0] === 0x1f && magic[1] === 0x8b) return `${plain}+gzip`;
  return magic[0] === 0x28 && magic[1] === 0xb5 ? MEDIA_TYPE.layerZstd : plain;
}
