/**
 * Media types of manifests, configurations and layers, OCI's and Docker's.
 *
 * Sources: OCI image specification, "Media Types"; Docker's "Image Manifest V 2, Schema 2".
 *
 * @module
 */

const DOCKER = "application/vnd.docker.distribution.manifest";

export const INDEX_TYPES: readonly string[] = ["application/vnd.oci.image.index.v1+json", `${DOCKER}.list.v2+json`];
export const MANIFEST_TYPES: readonly string[] = ["application/vnd.oci.image.manifest.v1+json", `${DOCKER}.v2+json`];
export const CONFIG_TYPES: readonly string[] = [
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];
/** What a registry is told it may answer with. */
export const ACCEPT = [...MANIFEST_TYPES, ...INDEX_TYPES].join(", ");

/** Manifests before 2016, without digests of their layers' content. */
export function isSchema1(mediaType: string): boolean {
  return mediaType.startsWith(`${DOCKER}.v1+`);
}

/**
 * Whether a layer is a tar archive silo reads: plain, gzip or zstd. "nondistributable" and "foreign" layers are asked
 * for at the registry like any other; the addresses that they may name elsewhere are never followed.
 */
export function isLayerType(mediaType: string): boolean {
  return /^application\/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+(?:gzip|zstd))?$/.test(mediaType) ||
    /^application\/vnd\.docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.(?:gzip|zstd))?$/.test(mediaType);
}
