/**
 * Sparse files in archives, in the four forms that GNU tar writes: its old header ('S'), and PAX records 0.0, 0.1, 1.0.
 *
 * An archive stores the runs of data one behind the other and a map that says where each belongs; between them are
 * holes, which read as zeros.
 *
 * @see {@link https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html | GNU tar, storing sparse files}
 * @module
 */
import type { ByteReader } from "./byte_reader.ts";
import { byteString, type TarEntry, TarError } from "./tar_entry.ts";

/** A run of stored data: its place in the file and its length, bytes. */
export interface Segment {
  readonly offset: number;
  readonly length: number;
}

/** What is read of a map at most: files of real images have some hundred runs. */
const MAX_SEGMENTS = 65_536;
/** The longest number of a map in decimal digits. */
const MAX_DIGITS = 16;
const BLOCK = 512;
const HOLE = new Uint8Array(64 * 1024);

/** A file's bytes, holes filled. The reader stands at the entry's data. */
export async function* fileData(reader: ByteReader, entry: TarEntry): AsyncGenerator<Uint8Array> {
  for await (const part of fileParts(reader, entry)) {
    if (typeof part !== "number") yield part;
    else for (let left = part; left > 0; left -= HOLE.length) yield HOLE.subarray(0, left);
  }
}

/** A file's bytes and, as numbers, the lengths of its holes. The reader stands at the entry's data. */
export async function* fileParts(reader: ByteReader, entry: TarEntry): AsyncGenerator<Uint8Array | number> {
  if (entry.sparse === undefined) return yield* reader.chunks(entry.size);
  let at = 0;
  for (const { offset, length } of entry.sparse) {
    if (offset > at) yield offset - at;
    yield* reader.chunks(length);
    at = offset + length;
  }
  if (entry.size > at) yield entry.size - at;
}

/** How many bytes of a file are stored. */
export function storedSize(segments: readonly Segment[]): number {
  return segments.reduce((sum, { length }) => sum + length, 0);
}

/**
 * The map of an old GNU entry: four pairs in the header, more in the blocks behind it.
 *
 * @param numberAt Reads a number of a block, which has its place and length in bytes.
 */
export async function oldGnuMap(
  header: Uint8Array,
  reader: ByteReader,
  numberAt: (field: Uint8Array) => number,
): Promise<Segment[]> {
  const segments: Segment[] = [];
  const take = (block: Uint8Array, start: number, count: number) => {
    for (let at = start; at < start + count * 24; at += 24) {
      if (block[at] === 0) return; // an empty pair ends the map
      segments.push({
        offset: numberAt(block.subarray(at, at + 12)),
        length: numberAt(block.subarray(at + 12, at + 24)),
      });
    }
  };
  take(header, 386, 4);
  for (let more = header[482] !== 0; more;) {
    const block = await reader.exactly(BLOCK);
    if (block?.length !== BLOCK) throw new TarError("a map of a sparse file is cut off");
    if (segments.length > MAX_SEGMENTS) throw new TarError("a sparse file has too many parts");
    take(block, 0, 21);
    more = block[504] !== 0;
  }
  return segments;
}

/** The map of a PAX entry of the forms 0.0 and 0.1: numbers with commas between them. */
export function paxMap(text: string): Segment[] {
  const numbers = text === "" ? [] : text.split(",", 2 * MAX_SEGMENTS + 2);
  if (numbers.length > 2 * MAX_SEGMENTS) throw new TarError("a sparse file has too many parts");
  return pairs(numbers.map(decimal));
}

/** The map of the form 1.0: lines at the start of the data, up to a whole block. */
export async function dataMap(reader: ByteReader): Promise<Segment[]> {
  let block = new Uint8Array();
  let at = 0;
  const line = async (): Promise<number> => {
    let text = "";
    for (;;) {
      if (at === block.length) {
        // A copy: what the reader hands out is valid until the next call only.
        block = new Uint8Array(await reader.exactly(BLOCK) ?? []);
        if (block.length !== BLOCK) throw new TarError("a map of a sparse file is cut off");
        at = 0;
      }
      const character = byteString(block.subarray(at, ++at));
      if (character === "\n") return decimal(text);
      text += character;
      if (text.length > MAX_DIGITS) throw new TarError("a map of a sparse file is damaged");
    }
  };
  const count = await line();
  if (count > MAX_SEGMENTS) throw new TarError("a sparse file has too many parts");
  const numbers: number[] = [];
  while (numbers.length < 2 * count) numbers.push(await line());
  return pairs(numbers);
}

/**
 * The map, if it is one: in order, without overlaps, inside the file, and of as much data as is stored.
 *
 * @throws {TarError} if it is not.
 */
export function checkedMap(segments: readonly Segment[], size: number, stored: number): readonly Segment[] {
  let at = 0;
  for (const { offset, length } of segments) {
    const fits = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && length >= 0 && offset >= at;
    if (!fits || offset + length > size) throw new TarError("a map of a sparse file is damaged");
    at = offset + length;
  }
  if (storedSize(segments) !== stored) throw new TarError("a sparse file's map and its data differ");
  return segments.filter(({ length }) => length > 0);
}

function pairs(numbers: readonly number[]): Segment[] {
  if (numbers.length % 2 !== 0) throw new TarError("a map of a sparse file is damaged");
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({
    offset: numbers[2 * i]!,
    length: numbers[2 * i + 1]!,
  }));
}

function decimal(text: string): number {
  if (!/^\d{1,16}$/.test(text)) throw new TarError("a map of a sparse file is damaged");
  return Number(text);
}
