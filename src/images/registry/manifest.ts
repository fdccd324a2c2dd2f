/**
 * Reading manifests and indexes of a registry or an archive. What they say is not trusted: every descriptor is checked
 * before its size bounds a download or its digest becomes a file's name.
 *
 * Format: OCI image specification, "Image Manifest", "Image Index", "Content Descriptors".
 *
 * @module
 */
import { type Descriptor, type ImageConfig, type ImageManifest, isDigest } from "../oci_types.ts";
import { CONFIG_TYPES, INDEX_TYPES, isLayerType, isSchema1, MANIFEST_TYPES } from "./media_types.ts";

/** A manifest, an index or a configuration may be that large: what registries accept. In bytes. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
/** No layer may be larger than that. In bytes. */
const MAX_LAYER_BYTES = 256 * 1024 ** 3;
/** Docker's own bound is 127. */
const MAX_LAYERS = 512;

/** A descriptor of an index, with the platform it is for. */
export interface IndexEntry extends Descriptor {
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
}

export type ParsedManifest =
  | { readonly kind: "index"; readonly mediaType: string; readonly manifests: readonly IndexEntry[] }
  | { readonly kind: "image"; readonly mediaType: string; readonly manifest: ImageManifest };

/** A document that is not what the specification says. The message is the reason and names the field. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/**
 * Reads a manifest or an index.
 *
 * @param announced The media type that the registry or the descriptor gave; the document's own has to agree with it.
 * @throws {ManifestError}
 */
export function parseManifest(bytes: Uint8Array, announced: string): ParsedManifest {
  const type = announced.split(";")[0]!.trim().toLowerCase();
  if (isSchema1(type)) {
    throw new ManifestError("it is stored in Docker's format of before 2016, which nobody should use");
  }
  const document = parseObject(bytes, "the manifest");
  if (document.schemaVersion === 1) {
    throw new ManifestError("it is stored in Docker's format of before 2016, which nobody should use");
  }
  if (document.schemaVersion !== 2) throw new ManifestError("the manifest's schemaVersion is not 2");
  const own = document.mediaType;
  if (own !== undefined && typeof own !== "string") throw new ManifestError("the manifest's mediaType is no text");
  const isKnown = [...INDEX_TYPES, ...MANIFEST_TYPES].includes(type);
  // A manifest read as an index, or the other way round, would mean something else (CVE-2021-41190).
  if (own !== undefined && isKnown && own !== type) {
    throw new ManifestError(`the manifest calls itself ${own} and was announced as ${type}`);
  }
  if ("manifests" in document && ("layers" in document || "config" in document)) {
    throw new ManifestError("the manifest is an index and an image at once");
  }
  const mediaType = own ?? type;
  if (INDEX_TYPES.includes(mediaType)) return { kind: "index", mediaType, manifests: readIndex(document) };
  if (MANIFEST_TYPES.includes(mediaType)) return { kind: "image", mediaType, manifest: readImage(document, mediaType) };
  throw new ManifestError(`it is no image but ${mediaType || "of an unknown type"}`);
}

/**
 * Reads an image's configuration.
 *
 * @throws {ManifestError}
 */
export function parseConfig(bytes: Uint8Array, layers: number): ImageConfig {
  const config = parseObject(bytes, "the configuration");
  const { rootfs } = config;
  if (!isRecord(rootfs) || !Array.isArray(rootfs.diff_ids) || !rootfs.diff_ids.every(isDigest)) {
    throw new ManifestError("the configuration's rootfs.diff_ids are no digests");
  }
  if (rootfs.diff_ids.length !== layers) {
    throw new ManifestError(`the configuration speaks of ${rootfs.diff_ids.length} layers, the manifest of ${layers}`);
  }
  for (const field of ["os", "architecture"]) {
    if (typeof config[field] !== "string") throw new ManifestError(`the configuration's ${field} is no text`);
  }
  const process = config.config ?? {};
  if (!isRecord(process)) throw new ManifestError("the configuration's config is no object");
  for (const field of ["Env", "Cmd", "Entrypoint"]) {
    const value = process[field] ?? [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
      throw new ManifestError(`the configuration's config.${field} is no list of texts`);
    }
  }
  for (const field of ["User", "WorkingDir"]) {
    if (typeof (process[field] ?? "") !== "string") {
      throw new ManifestError(`the configuration's config.${field} is no text`);
    }
  }
  return config as unknown as ImageConfig;
}

function readIndex(document: Record<string, unknown>): IndexEntry[] {
  if (!Array.isArray(document.manifests)) throw new ManifestError("the index has no list of manifests");
  return document.manifests.map((entry, at) => {
    const where = `manifests[${at}]`;
    const descriptor = readDescriptor(entry, where, MAX_DOCUMENT_BYTES);
    const { platform } = entry as { platform?: unknown };
    if (platform === undefined || platform === null) return descriptor;
    if (!isRecord(platform) || typeof platform.os !== "string" || typeof platform.architecture !== "string") {
      throw new ManifestError(`${where}.platform names no os and architecture`);
    }
    const { os, architecture, variant } = platform;
    return { ...descriptor, platform: { os, architecture, ...(typeof variant === "string" ? { variant } : {}) } };
  });
}

function readImage(document: Record<string, unknown>, mediaType: string): ImageManifest {
  const config = readDescriptor(document.config, "config", MAX_DOCUMENT_BYTES);
  if (!CONFIG_TYPES.includes(config.mediaType)) {
    throw new ManifestError(`it is no image but an artifact of type ${config.mediaType}`);
  }
  if (!Array.isArray(document.layers)) throw new ManifestError("the manifest has no list of layers");
  if (document.layers.length > MAX_LAYERS) throw new ManifestError(`it has more than ${MAX_LAYERS} layers`);
  const layers = document.layers.map((layer, at) => {
    const descriptor = readDescriptor(layer, `layers[${at}]`, MAX_LAYER_BYTES);
    if (!isLayerType(descriptor.mediaType)) {
      const why = descriptor.mediaType.includes("encrypted") ? "is encrypted" : "is of a type silo does not read";
      throw new ManifestError(`layer ${at + 1} ${why} (${descriptor.mediaType})`);
    }
    return descriptor;
  });
  return { schemaVersion: 2, mediaType, config, layers };
}

/** Only the fields that silo uses are taken over. */
function readDescriptor(value: unknown, where: string, maxSize: number): Descriptor {
  if (!isRecord(value)) throw new ManifestError(`${where} is no descriptor`);
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== "string" || mediaType.length > 255) {
    throw new ManifestError(`${where}.mediaType is no media type`);
  }
  if (typeof digest === "string" && digest.startsWith("sha512:")) {
    throw new ManifestError(`${where} is named by a sha512 digest, and silo reads sha256 only`);
  }
  if (!isDigest(digest)) throw new ManifestError(`${where}.digest is no digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw new ManifestError(`${where}.size is no number of bytes`);
  }
  if (size > maxSize) throw new ManifestError(`${where} is larger than ${maxSize} bytes`);
  return { mediaType, digest, size };
}

function parseObject(bytes: Uint8Array, what: string): Record<string, unknown> {
  if (bytes.length > MAX_DOCUMENT_BYTES) throw new ManifestError(`${what} is larger than ${MAX_DOCUMENT_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new ManifestError(`${what} is not JSON`);
  }
  if (!isRecord(value)) throw new ManifestError(`${what} is no JSON object`);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
