/**
 * Writing an image of the store as one file that other programs read: an OCI image layout in a tar archive, as
 * `skopeo copy oci-archive:FILE …`, `podman load` and `docker load` take it.
 *
 * @module
 */
import { publish, removeIfThere, temporaryBeside, writeAll } from "../cache/atomic.ts";
import { reasonOf, SiloError } from "../errors.ts";
import type { ImageStore, StoredImage } from "./image_store.ts";
import { type Descriptor, type Digest, MEDIA_TYPE, REF_NAME } from "./oci_types.ts";
import { whileStoring } from "./store_locks.ts";
import { END_OF_TAR, tarHeader, tarPadding } from "./tar_writer.ts";

const CHUNK_BYTES = 1 << 20;

/**
 * Saves an image. The file appears when it is whole; one that is there is replaced.
 *
 * @param onBytes Told how much of the layers is written, bytes.
 * @returns The size of the file in bytes.
 * @throws {SiloError} if it cannot be written or a blob is missing.
 */
export async function saveImage(
  store: ImageStore,
  image: StoredImage,
  output: string,
  onBytes?: (done: number, total: number) => void,
): Promise<number> {
  const temporary = temporaryBeside(output);
  try {
    // Keeps the collection of garbage away from what is being read.
    return await whileStoring(store.directory, async () => {
      using file = await Deno.open(temporary, { createNew: true, write: true, mode: 0o644 });
      await writeArchive(file, store, image, onBytes);
      await file.sync();
      await publish(temporary, output);
      return (await file.stat()).size;
    });
  } catch (cause) {
    await removeIfThere(temporary);
    if (cause instanceof SiloError) throw cause;
    throw new SiloError(`could not save the image ${image.reference} as ${output}: ${reasonOf(cause)}`, { cause });
  }
}

async function writeArchive(
  file: Deno.FsFile,
  store: ImageStore,
  { reference, digest, manifest, config }: StoredImage,
  onBytes: (done: number, total: number) => void = () => {},
): Promise<void> {
  const { size } = await Deno.stat(store.blobPath(digest));
  const mediaType = manifest.mediaType ?? MEDIA_TYPE.manifest;
  const platform = { os: config.os, architecture: config.architecture };
  // containerd and Docker read the name from the second annotation.
  const annotations = { [REF_NAME]: reference, "io.containerd.image.name": reference };
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.index,
    manifests: [{ mediaType, digest, size, platform, annotations }],
  };
  for (const directory of ["blobs", "blobs/sha256"]) await writeAll(file, header(directory, "directory", 0o755, 0));
  await writeSmall(file, "oci-layout", JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeSmall(file, "index.json", JSON.stringify(index));

  const blobs = new Map<Digest, Pick<Descriptor, "digest" | "size">>();
  for (const blob of [{ digest, size }, manifest.config, ...manifest.layers]) blobs.set(blob.digest, blob);
  const total = blobs.values().reduce((sum, blob) => sum + blob.size, 0);
  let done = 0;
  for (const blob of blobs.values()) {
    await writeBlob(file, store.blobPath(blob.digest), blob, (bytes) => onBytes(done += bytes, total));
  }
  await writeAll(file, END_OF_TAR);
}

async function writeBlob(
  file: Deno.FsFile,
  path: string,
  { digest, size }: Pick<Descriptor, "digest" | "size">,
  onBytes: (bytes: number) => void,
): Promise<void> {
  await writeAll(file, header(`blobs/${digest.replace(":", "/")}`, "file", 0o644, size));
  using blob = await Deno.open(path);
  const buffer = new Uint8Array(CHUNK_BYTES);
  let written = 0;
  for (let n; (n = await blob.read(buffer)) !== null;) {
    await writeAll(file, buffer.subarray(0, n));
    written += n;
    onBytes(n);
  }
  if (written !== size) throw new SyntaxError(`${path} is damaged: it has ${written} bytes instead of ${size}`);
  await writeAll(file, tarPadding(size));
}

async function writeSmall(file: Deno.FsFile, path: string, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  await writeAll(file, header(path, "file", 0o644, bytes.length));
  await writeAll(file, bytes);
  await writeAll(file, tarPadding(bytes.length));
}

/** Times are 0, so that the same image gives the same archive. */
function header(path: string, kind: "file" | "directory", mode: number, size: number): Uint8Array {
  const nobody = { uid: 0, gid: 0, mtime: 0, link: "", major: 0, minor: 0, xattrs: new Map() };
  return tarHeader({ ...nobody, kind, path, mode, size });
}
