/**
 * The files of an image on this disk, by name: in a directory, or in a tar archive that is read in place.
 *
 * @module
 */
import { writeAll } from "../cache/atomic.ts";
import { ByteReader } from "./byte_reader.ts";
import { readLayer } from "./layer_stream.ts";
import { bytesOf, shown, TarError } from "./tar_entry.ts";
import { readTar } from "./tar_reader.ts";

/** Files by their path inside. */
export interface ArchiveFiles extends Disposable {
  /** Size in bytes; undefined if there is no such regular file. */
  size(name: string): Promise<number | undefined>;
  /** @throws {TarError} if there is no such file. */
  stream(name: string): AsyncIterable<Uint8Array>;
}

const CHUNK_BYTES = 1 << 20;
/** An archive of an image has some hundred files. */
const MAX_FILES = 100_000;
/** A compressed archive is unpacked to this at most, bytes. */
const MAX_UNPACKED_BYTES = 256 * 1024 ** 3;

/**
 * A small file as a whole.
 *
 * @throws {TarError} if it is missing or larger than `limit` bytes.
 */
export async function readWhole(files: ArchiveFiles, name: string, limit: number): Promise<Uint8Array> {
  const size = await files.size(name);
  if (size === undefined) throw new TarError(`${name} is missing`);
  if (size > limit) throw new TarError(`${name} is larger than ${limit} bytes`);
  return new Uint8Array(await new Response(ReadableStream.from(files.stream(name))).arrayBuffer());
}

/** The files of a directory. Nothing but regular files is opened: a fifo would never end. */
export function directoryFiles(directory: string): ArchiveFiles {
  return {
    async size(name) {
      const info = await Deno.stat(`${directory}/${name}`).catch((error) => {
        if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
        throw error;
      });
      return info?.isFile ? info.size : undefined;
    },
    async *stream(name) {
      if (await this.size(name) === undefined) throw new TarError(`${name} is missing`);
      using file = await Deno.open(`${directory}/${name}`);
      yield* range(file, 0, Infinity);
    },
    [Symbol.dispose]() {},
  };
}

/**
 * The files of a tar archive.
 *
 * @param scratch A name for a file that a compressed archive is unpacked to; it is gone as soon as it is open.
 * @throws {TarError} if the archive is damaged, or has a name twice.
 */
export async function tarFiles(path: string, scratch: string): Promise<ArchiveFiles> {
  const file = await openPlain(path, scratch);
  try {
    const entries = await listEntries(file);
    const find = (name: string) => {
      // Docker's own archives of before 2023 have a layer that comes twice as a symbolic link to the first.
      const entry = entries.get(name);
      return typeof entry === "string" ? entries.get(entry) : entry;
    };
    return {
      size(name) {
        const entry = find(name);
        return Promise.resolve(typeof entry === "object" ? entry.size : undefined);
      },
      async *stream(name) {
        const entry = find(name);
        if (typeof entry !== "object") throw new TarError(`${name} is missing`);
        yield* range(file, entry.offset, entry.size);
      },
      [Symbol.dispose]: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Regular files by their place, symbolic links by what they lead to inside the archive. */
async function listEntries(file: Deno.FsFile): Promise<Map<string, { offset: number; size: number } | string>> {
  const entries = new Map<string, { offset: number; size: number } | string>();
  const reader = new ByteReader(range(file, 0, Infinity));
  for await (const entry of readTar(reader)) {
    if (entry.kind === "directory") continue;
    if (entries.has(entry.path)) throw new TarError(`${shown(entry.path)} is there twice`);
    if (entries.size === MAX_FILES) throw new TarError(`it holds more than ${MAX_FILES} files`);
    if (entry.sparse !== undefined) throw new TarError(`${shown(entry.path)} is stored as a sparse file`);
    if (entry.kind === "file") entries.set(entry.path, { offset: reader.position, size: entry.size });
    if (entry.kind === "symlink") entries.set(entry.path, targetInside(entry.path, entry.link));
  }
  return entries;
}

/** What a link leads to, by names alone: the archive is never unpacked, so it can lead nowhere else. */
function targetInside(path: string, link: string): string {
  const { pathname } = new URL(new TextDecoder().decode(bytesOf(link)), `file:///${path}`);
  return decodeURIComponent(pathname).replace(/^\/+/, "");
}

/** The archive as a file that can be read at any place. */
async function openPlain(path: string, scratch: string): Promise<Deno.FsFile> {
  const info = await Deno.stat(path);
  if (!info.isFile) throw new TarError("it is no file");
  const file = await Deno.open(path);
  const magic = new Uint8Array(4);
  await file.read(magic);
  const isCompressed = (magic[0] === 0x1f && magic[1] === 0x8b) || (magic[0] === 0x28 && magic[1] === 0xb5);
  if (!isCompressed) return file;
  file.close();
  const plain = await Deno.open(scratch, { createNew: true, read: true, write: true, mode: 0o600 });
  try {
    await Deno.remove(scratch);
    let size = 0;
    for await (const chunk of readLayer(path)) {
      size += chunk.length;
      if (size > MAX_UNPACKED_BYTES) throw new TarError(`it unpacks to more than ${MAX_UNPACKED_BYTES} bytes`);
      await writeAll(plain, chunk);
    }
    return plain;
  } catch (error) {
    plain.close();
    throw error;
  }
}

async function* range(file: Deno.FsFile, offset: number, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size;) {
    await file.seek(offset + at, Deno.SeekMode.Start); // others may read the same file in between
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, size - at));
    const n = await file.read(chunk);
    if (n === null) {
      if (size === Infinity) return;
      throw new TarError("it is truncated");
    }
    at += n;
    yield chunk.subarray(0, n);
  }
}
