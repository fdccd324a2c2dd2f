/**
 * Reading images from files: an OCI image layout as a directory (`oci:`) or an archive (`oci-archive:`), and what
 * `docker save` writes (`docker-archive:`). The files are as little trusted as a registry.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type ArchiveFiles, directoryFiles, readWhole, tarFiles } from "./archive_files.ts";
import { readDockerArchive } from "./docker_archive.ts";
import { type FileSourceKind, formatImageSource, type ImageSource } from "./image_source.ts";
import type { ImageStore, StoredImage } from "./image_store.ts";
import { type Descriptor, type Digest, REF_NAME } from "./oci_types.ts";
import { MAX_DOCUMENT_BYTES, parseConfig, parseManifest } from "./registry/manifest.ts";
import { INDEX_TYPES } from "./registry/media_types.ts";
import { platformOf } from "./registry/platform.ts";
import { resolveManifest } from "./registry/resolve.ts";
import { whileStoring } from "./store_locks.ts";

/** A source that is made of files. */
export type FileSource = ImageSource & { readonly kind: FileSourceKind };

/**
 * Copies an image from files into the store and names it as the source is written ({@link formatImageSource}).
 *
 * @throws {SiloError} if it is missing, damaged, for another platform, or not the only one and not named.
 */
export async function importImage(host: Host, store: ImageStore, source: FileSource): Promise<StoredImage> {
  const reference = formatImageSource(source);
  const scratch = `${store.directory}/.unpack-${crypto.randomUUID()}`;
  try {
    return await whileStoring(store.directory, async () => {
      using files = source.kind === "oci" ? directoryFiles(source.path) : await tarFiles(source.path, scratch);
      const image = source.kind === "docker-archive"
        ? await readDockerArchive(store, files, source.name, platformOf(host))
        : await readLayout(store, files, source.name, host);
      await store.tag(reference, { ...image.descriptor, platform: platformOf(host) });
      return { reference, digest: image.descriptor.digest, manifest: image.manifest, config: image.config };
    });
  } catch (cause) {
    if (cause instanceof SiloError) throw cause;
    throw new SiloError(`could not read the image ${reference}: ${reasonOf(cause)}`, { cause });
  }
}

const blobName = (digest: Digest) => `blobs/${digest.replace(":", "/")}`;

/** OCI image specification, "Image Layout". */
async function readLayout(store: ImageStore, files: ArchiveFiles, name: string | undefined, host: Host) {
  const marker = await readWhole(files, "oci-layout", 4096);
  if (!/"imageLayoutVersion"\s*:\s*"1\./.test(new TextDecoder().decode(marker))) {
    throw new SyntaxError("it is no OCI image layout of version 1");
  }
  const index = await readWhole(files, "index.json", MAX_DOCUMENT_BYTES);
  const documents = async (digest: string) => {
    const bytes = await readWhole(files, blobName(digest as Digest), MAX_DOCUMENT_BYTES);
    const actual: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    if (actual !== digest) throw new SyntaxError(`${blobName(digest as Digest)} is damaged`);
    return { bytes, mediaType: "", digest: actual };
  };
  const top = chooseNamed(index, name);
  const { document, manifest } = await resolveManifest(
    (reference) => Promise.resolve(reference === "index.json" ? top : documents(reference)),
    "index.json",
    platformOf(host),
  );
  const put = (descriptor: Descriptor) => copyBlob(store, files, descriptor);
  await put(manifest.config);
  const config = parseConfig(await Deno.readFile(store.blobPath(manifest.config.digest)), manifest.layers.length);
  const { os, architecture } = platformOf(host);
  if (config.os !== os || config.architecture !== architecture) {
    throw new SyntaxError(`it is for ${config.os}/${config.architecture}, and this host runs ${os}/${architecture}`);
  }
  for (const layer of manifest.layers) await put(layer);
  const descriptor = { mediaType: document.mediaType, digest: document.digest, size: document.bytes.length };
  await put(descriptor);
  return { descriptor, manifest, config };
}

/** The index with nothing in it but the images of that name. */
function chooseNamed(bytes: Uint8Array, name: string | undefined) {
  const parsed = parseManifest(bytes, INDEX_TYPES[0]!);
  if (parsed.kind !== "index") throw new SyntaxError("index.json is no index");
  const all: readonly Descriptor[] = JSON.parse(new TextDecoder().decode(bytes)).manifests;
  const names = all.map((one) => one.annotations?.[REF_NAME]);
  const manifests = name === undefined ? all : all.filter((_, at) => names[at] === name);
  const shown = names.filter((one) => typeof one === "string").slice(0, 10).join(", ") || "no names";
  if (manifests.length === 0) throw new RangeError(`it holds no image called ${name ?? "anything"}, but ${shown}`);
  if (name === undefined && new Set(names).size > 1) {
    throw new RangeError(`it holds several images: name one of ${shown} behind another colon`);
  }
  const document = new TextEncoder().encode(JSON.stringify({ schemaVersion: 2, manifests }));
  return { bytes: document, mediaType: INDEX_TYPES[0]!, digest: "sha256:" as Digest };
}

/** Copies a blob, which must be what its descriptor says, unless it is there. */
async function copyBlob(store: ImageStore, files: ArchiveFiles, descriptor: Descriptor): Promise<void> {
  if (await store.hasBlob(descriptor)) return;
  const size = await files.size(blobName(descriptor.digest));
  if (size !== descriptor.size) {
    throw new SyntaxError(
      size === undefined
        ? `${blobName(descriptor.digest)} is missing`
        : `${blobName(descriptor.digest)} is not ${descriptor.size} bytes long`,
    );
  }
  await store.putBlob(files.stream(blobName(descriptor.digest)), descriptor.mediaType, descriptor);
}
