/**
 * The parts of the OCI image specification that silo reads and writes.
 *
 * @see {@link https://github.com/opencontainers/image-spec/blob/main/spec.md | OCI image format specification}
 * @module
 */

export const MEDIA_TYPE = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
} as const;

/** The annotation that holds an image's name in an index. */
export const REF_NAME = "org.opencontainers.image.ref.name";

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`;

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly os: string; readonly architecture: string };
}

export interface ImageIndex {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}

export interface ImageManifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ImageConfig {
  readonly created?: string;
  readonly os: string;
  /** As Go names it: "amd64", "arm64". */
  readonly architecture: string;
  readonly config?: {
    readonly Env?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly Entrypoint?: readonly string[];
    readonly WorkingDir?: string;
    readonly User?: string;
    readonly Labels?: Readonly<Record<string, string>>;
  };
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly Digest[] };
  readonly history?: readonly { readonly created?: string; readonly created_by?: string }[];
}

/** Whether a text is a digest of the one algorithm that silo uses. Digests become file names, so nothing else passes. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && /^sha256:[0-9a-f]{64}$/.test(text);
}
