/**
 * The image store: an OCI image layout in the silo home.
 *
 * Blobs are written beside, synced and renamed to the name of their content, so one that is there is whole and two
 * writers of the same blob do each other no harm. Only the index changes, under a lock.
 *
 * @see {@link https://github.com/opencontainers/image-spec/blob/main/image-layout.md | OCI image layout}
 * @module
 */
import { createHash } from "node:crypto";
import {
  fileSize,
  publish,
  removeIfThere,
  sweepLeftovers,
  temporaryBeside,
  withLock,
  writeAll,
  writeFileAtomic,
} from "../cache/atomic.ts";
import { reasonOf, SiloError } from "../errors.ts";
import {
  type Descriptor,
  type Digest,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  isDigest,
  MEDIA_TYPE,
  REF_NAME,
} from "./oci_types.ts";

/** An image of the store, resolved. */
export interface StoredImage {
  readonly reference: string;
  /** Digest of the manifest: the identity of the image. */
  readonly digest: Digest;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
}

/** A manifest or configuration larger than this is none, bytes. */
const DOCUMENT_MAX = 4 * 1024 * 1024;
const LAYOUT_VERSION = "1.0.0";

export class ImageStore {
  /** The layout's directory. */
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Where a blob is or will be. */
  blobPath(digest: Digest): string {
    if (!isDigest(digest)) throw new SiloError(`could not use the image: "${digest}" is no sha256 digest`);
    return `${this.directory}/blobs/sha256/${digest.slice("sha256:".length)}`;
  }

  /** Whether a blob is there, with the size that its descriptor names. */
  async hasBlob(descriptor: Descriptor): Promise<boolean> {
    return await fileSize(this.blobPath(descriptor.digest)) === descriptor.size;
  }

  /**
   * Stores a stream of bytes under its own digest.
   *
   * @param expected If given, the stream is refused unless it is exactly that.
   * @throws {SiloError} if it is not what was expected, or the disk is full.
   */
  async putBlob(
    stream: AsyncIterable<Uint8Array>,
    mediaType: string,
    expected?: { digest: Digest; size: number },
  ): Promise<Descriptor> {
    await this.#prepare();
    const temporary = temporaryBeside(`${this.directory}/blobs/sha256/blob`);
    try {
      const hash = createHash("sha256");
      let size = 0;
      {
        using file = await Deno.open(temporary, { createNew: true, write: true, mode: 0o644 });
        for await (const chunk of stream) {
          size += chunk.length;
          if (expected !== undefined && size > expected.size) break;
          hash.update(chunk);
          await writeAll(file, chunk);
        }
        await file.sync();
      }
      const digest: Digest = `sha256:${hash.digest("hex")}`;
      if (expected !== undefined && (digest !== expected.digest || size !== expected.size)) {
        throw new SiloError(`could not store a part of the image: it is not what ${expected.digest} stands for`);
      }
      await publish(temporary, this.blobPath(digest));
      return { mediaType, digest, size };
    } catch (cause) {
      await removeIfThere(temporary);
      if (cause instanceof SiloError) throw cause;
      throw new SiloError(`could not write to the image store ${this.directory}: ${reasonOf(cause)}`, { cause });
    }
  }

  /** Stores a JSON document. */
  async putDocument(document: ImageManifest | ImageConfig, mediaType: string): Promise<Descriptor> {
    const bytes = new TextEncoder().encode(JSON.stringify(document));
    return await this.putBlob(
      (async function* () {
        yield bytes;
      })(),
      mediaType,
    );
  }

  /** Reads a JSON document and checks it against its digest. */
  async readDocument<T>(descriptor: Descriptor): Promise<T> {
    const path = this.blobPath(descriptor.digest);
    const size = await fileSize(path);
    if (size === undefined) throw new SiloError(`could not read the image: ${path} is missing`);
    if (size > DOCUMENT_MAX) throw new SiloError(`could not read the image: ${path} is too large`);
    const bytes = await Deno.readFile(path);
    if (`sha256:${createHash("sha256").update(bytes).digest("hex")}` !== descriptor.digest) {
      throw new SiloError(`could not read the image: ${path} is damaged`, { hint: "Install the tool anew." });
    }
    return JSON.parse(new TextDecoder().decode(bytes));
  }

  /** Gives a manifest a name. An image that had it before loses it. */
  async tag(reference: string, manifest: Descriptor): Promise<void> {
    await this.#changeIndex((manifests) => [
      ...manifests.filter((other) => other.annotations?.[REF_NAME] !== reference),
      { ...manifest, annotations: { ...manifest.annotations, [REF_NAME]: reference } },
    ]);
  }

  /** Takes a name away. The blobs stay until `gc.ts` collects them. */
  async untag(reference: string): Promise<void> {
    await this.#changeIndex((manifests) => manifests.filter((one) => one.annotations?.[REF_NAME] !== reference));
  }

  /** The image of that name, or undefined. Its layers are there, with the right sizes. */
  async resolve(reference: string): Promise<StoredImage | undefined> {
    const named = (await this.#index()).manifests.find((one) => one.annotations?.[REF_NAME] === reference);
    if (named === undefined) return undefined;
    return await this.read(named.digest, reference);
  }

  /** The image of that digest, with a name or without, or undefined. Its layers are there, with the right sizes. */
  async read(digest: Digest, reference: string): Promise<StoredImage | undefined> {
    const size = await fileSize(this.blobPath(digest));
    if (size === undefined) return undefined;
    const manifest = await this.readDocument<ImageManifest>({ mediaType: "", digest, size });
    for (const layer of manifest.layers) if (!await this.hasBlob(layer)) return undefined;
    const config = await this.readDocument<ImageConfig>(manifest.config);
    return { reference, digest, manifest, config };
  }

  /** The names of all images. */
  async references(): Promise<string[]> {
    return (await this.#index()).manifests.flatMap((one) => one.annotations?.[REF_NAME] ?? []);
  }

  /** Files of an image's layers, lowest first. */
  layerPaths(image: StoredImage): string[] {
    return image.manifest.layers.map((layer) => this.blobPath(layer.digest));
  }

  async #changeIndex(change: (manifests: readonly Descriptor[]) => Descriptor[]): Promise<void> {
    await this.#prepare();
    await withLock(`${this.directory}/.lock`, async () => {
      const index: ImageIndex = {
        schemaVersion: 2,
        mediaType: MEDIA_TYPE.index,
        manifests: change((await this.#index()).manifests),
      };
      await sweepLeftovers(`${this.directory}/index.json`);
      await writeFileAtomic(`${this.directory}/index.json`, JSON.stringify(index, null, 2));
    });
  }

  async #index(): Promise<ImageIndex> {
    const path = `${this.directory}/index.json`;
    try {
      return JSON.parse(await Deno.readTextFile(path));
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) {
        return { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [] };
      }
      throw new SiloError(`could not read the image store: ${path}: ${reasonOf(cause)}`, { cause });
    }
  }

  async #prepare(): Promise<void> {
    await Deno.mkdir(`${this.directory}/blobs/sha256`, { recursive: true });
    const path = `${this.directory}/oci-layout`;
    if (await fileSize(path) === undefined) {
      await writeFileAtomic(path, JSON.stringify({ imageLayoutVersion: LAYOUT_VERSION }));
    }
  }
}
