/**
 * Layers into one archive: what a container would see, ready to become a file system.
 *
 * The result is always written by silo's own writer, never passed through: whoever reads it next (mke2fs runs with the
 * user's rights) sees only headers that silo made. Memory is bounded by the number of files, not by their size.
 *
 * @module
 */
import { reasonOf, SiloError } from "../errors.ts";
import { writeAll } from "../cache/atomic.ts";
import type { ByteReader } from "./byte_reader.ts";
import { FileTree, type Inode } from "./file_tree.ts";
import { LayerReader } from "./layer_reader.ts";
import type { Digest } from "./oci_types.ts";
import { fileParts } from "./sparse.ts";
import type { TarEntry } from "./tar_entry.ts";
import { END_OF_TAR, tarHeader, tarPadding } from "./tar_writer.ts";

/** What the archive holds: the size of a file system is chosen by it. */
export interface FlattenedSize {
  /** Files, directories and links. */
  readonly entries: number;
  /** Bytes of data, each file rounded up to whole blocks of 4 KiB. */
  readonly bytes: number;
  /** Files with extended attributes. */
  readonly attributed: readonly AttributedFile[];
}

/** A file and its extended attributes; all of them byte strings. */
export interface AttributedFile {
  readonly path: string;
  readonly xattrs: ReadonlyMap<string, string>;
}

export interface FlattenOptions {
  /** What each layer's archive is, uncompressed: the configuration's `rootfs.diff_ids`. Not checked if absent. */
  readonly diffIds?: readonly Digest[];
  /** What the layers may unpack to together, bytes: against those that unpack without end. */
  readonly maxBytes?: number;
}

/** The largest images of real tools are a third of this. */
const MAX_BYTES = 64 * 1024 ** 3;
const BUFFER_BYTES = 1 << 20;

/**
 * Writes the file system that `layers` (files, lowest first; plain, gzip or zstd) add up to as one tar archive.
 *
 * @param output Must not exist.
 * @throws {SiloError} if a layer is damaged or hostile: names the layer, the entry and the reason. What is in `output`
 *   is of no use then.
 */
export async function flattenLayers(
  layers: readonly string[],
  output: string,
  options: FlattenOptions = {},
): Promise<FlattenedSize> {
  const reader = new LayerReader(layers, options.diffIds, options.maxBytes ?? MAX_BYTES);
  using file = await Deno.open(output, { createNew: true, write: true, mode: 0o600 });
  try {
    return await flattenInOnePass(reader, file) ?? await flattenInTwoPasses(reader, file);
  } catch (cause) {
    throw new SiloError(`could not unpack the image: ${reader.where(reasonOf(cause))}`, { cause });
  }
}

/** A single layer that repeats and removes nothing is written while it is read. Undefined if it is not like that. */
async function flattenInOnePass(layers: LayerReader, file: Deno.FsFile): Promise<FlattenedSize | undefined> {
  if (layers.count !== 1) return undefined;
  const archive = new ArchiveWriter(file);
  const tree = new FileTree();
  let index = 0;
  for await (const { entry, reader } of layers.verified(0)) {
    if (tree.apply(entry, 0, index++) !== "added") {
      await file.truncate(0);
      await file.seek(0, Deno.SeekMode.Start);
      return undefined;
    }
    await archive.add(entry, reader);
  }
  return await archive.finish();
}

/** First the tree from all headers, then the data of what is left of it, each layer read again. */
async function flattenInTwoPasses(layers: LayerReader, file: Deno.FsFile): Promise<FlattenedSize> {
  const tree = new FileTree();
  for (let layer = 0; layer < layers.count; layer++) {
    let index = 0;
    // Maps of sparse files are read again with the data: of very many they would fill the memory.
    for await (const { entry } of layers.verified(layer)) tree.apply({ ...entry, sparse: undefined }, layer, index++);
  }
  const archive = new ArchiveWriter(file);
  for (const { path, inode } of tree.directories()) await archive.add({ ...inode.entry, path });
  const names = tree.files();
  const wanted = new Map<string, Inode>();
  for (const inode of names.keys()) wanted.set(`${inode.layer}/${inode.index}`, inode);
  for (let layer = 0; layer < layers.count; layer++) {
    let index = 0;
    for await (const { entry, reader } of layers.again(layer)) {
      const inode = wanted.get(`${layer}/${index++}`);
      if (inode === undefined) continue;
      const [first, ...others] = names.get(inode)!;
      await archive.add({ ...inode.entry, path: first!, sparse: entry.sparse }, reader);
      for (const other of others) {
        await archive.add({ ...inode.entry, kind: "hardlink", path: other, link: first!, size: 0, xattrs: new Map() });
      }
    }
  }
  return await archive.finish();
}

/** Collects small pieces, so that a header is not a system call. */
class ArchiveWriter {
  readonly #file: Deno.FsFile;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #filled = 0;
  #entries = 0;
  #bytes = 0;
  readonly #attributed: AttributedFile[] = [];

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** Adds an entry; a file's data is read from `reader`. */
  async add(entry: TarEntry, reader?: ByteReader): Promise<void> {
    this.#entries++;
    await this.#write(tarHeader(entry));
    if (entry.xattrs.size > 0) this.#attributed.push({ path: entry.path, xattrs: entry.xattrs });
    if (entry.kind !== "file") return;
    this.#bytes += Math.ceil(entry.size / 4096) * 4096;
    for await (const part of fileParts(reader!, entry)) {
      await (typeof part === "number" ? this.#skip(part) : this.#write(part));
    }
    await this.#write(tarPadding(entry.size));
  }

  async finish(): Promise<FlattenedSize> {
    await this.#write(END_OF_TAR);
    await this.#flush();
    return { entries: this.#entries, bytes: this.#bytes, attributed: this.#attributed };
  }

  async #write(data: Uint8Array): Promise<void> {
    if (this.#filled + data.length > BUFFER_BYTES) await this.#flush();
    if (data.length >= BUFFER_BYTES) return await writeAll(this.#file, data);
    this.#buffer.set(data, this.#filled);
    this.#filled += data.length;
  }

  /** Zeros that take no room on the disk: a hole of the archive. */
  async #skip(length: number): Promise<void> {
    await this.#flush();
    await this.#file.seek(length, Deno.SeekMode.Current);
  }

  async #flush(): Promise<void> {
    await writeAll(this.#file, this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
