/**
 * A sparse file as a zstd file: a frame for each mebibyte, before it a skippable frame (RFC 8878, 3.1.2) with the length
 * of that frame, so that it can be read one frame at a time. `zstd -d` reads it too.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { writeAll } from "./atomic.ts";

/** Bytes done and to do. */
export type Counted = (done: number, total: number) => void;

const CHUNK_BYTES = 1 << 20;
/** What is all zeros in this many bytes becomes a hole. */
const HOLE_BYTES = 4096;
const ZEROS = new Uint8Array(CHUNK_BYTES);
const SKIPPABLE_MAGIC = 0x184d2a50;
const HEADER_BYTES = 12;
/** A frame of what cannot be compressed is a little longer than that. */
const MAX_FRAME_BYTES = CHUNK_BYTES + 65_536;

/** Compresses `from` to the new file `to`, which is synced. */
export async function compressFile(from: string, to: string, total: number, counted: Counted): Promise<void> {
  using input = await Deno.open(from);
  using output = await Deno.open(to, { createNew: true, write: true, mode: 0o444 });
  const params = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 };
  const ofZeros = zstdCompressSync(ZEROS, { params });
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let done = 0;;) {
    const length = await readFull(input, buffer);
    if (length === 0) break;
    const chunk = buffer.subarray(0, length);
    const frame = length === CHUNK_BYTES && isZero(chunk) ? ofZeros : zstdCompressSync(chunk, { params });
    const header = new DataView(new ArrayBuffer(HEADER_BYTES));
    header.setUint32(0, SKIPPABLE_MAGIC, true);
    header.setUint32(4, 4, true);
    header.setUint32(8, frame.length, true);
    await writeAll(output, new Uint8Array(header.buffer));
    await writeAll(output, frame);
    counted(done += length, total);
  }
  await output.sync();
}

/**
 * Unpacks `from` to the new file `to`, which is synced; zeros become holes.
 *
 * @throws {RangeError} if the data is damaged or is not `size` bytes.
 */
export async function decompressFile(from: string, to: string, size: number, counted: Counted): Promise<void> {
  using input = await Deno.open(from);
  using output = await Deno.open(to, { createNew: true, write: true, mode: 0o600 });
  const header = new Uint8Array(HEADER_BYTES);
  let done = 0;
  for (let length; (length = await readFull(input, header)) > 0;) {
    const view = new DataView(header.buffer);
    const frame = new Uint8Array(view.getUint32(8, true) % (MAX_FRAME_BYTES + 1));
    const isWhole = length === HEADER_BYTES && view.getUint32(0, true) === SKIPPABLE_MAGIC &&
      view.getUint32(8, true) === frame.length && await readFull(input, frame) === frame.length;
    if (!isWhole) throw new RangeError("it is damaged");
    const data = unpack(frame);
    if (done + data.length > size) throw new RangeError("it is larger than it was");
    await writeSparse(output, data, done);
    counted(done += data.length, size);
  }
  if (done !== size) throw new RangeError("it is smaller than it was");
  await output.truncate(done);
  await output.sync();
}

function unpack(frame: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(frame, { maxOutputLength: CHUNK_BYTES });
  } catch (cause) {
    throw new RangeError("it is damaged", { cause });
  }
}

/** Writes what is not zeros. */
async function writeSparse(file: Deno.FsFile, data: Uint8Array, offset: number): Promise<void> {
  if (isZero(data)) return;
  for (let at = 0; at < data.length;) {
    let end = at;
    while (end < data.length && !isZero(data.subarray(end, end + HOLE_BYTES))) end += HOLE_BYTES;
    end = Math.min(end, data.length);
    if (end > at) {
      await file.seek(offset + at, Deno.SeekMode.Start);
      await writeAll(file, data.subarray(at, end));
    }
    at = end + HOLE_BYTES;
  }
}

async function readFull(file: Deno.FsFile, buffer: Uint8Array): Promise<number> {
  let length = 0;
  for (let count; length < buffer.length && (count = await file.read(buffer.subarray(length))) !== null;) {
    length += count;
  }
  return length;
}

/** By memcmp: a loop over the bytes takes many times as long. */
function isZero(data: Uint8Array): boolean {
  return Buffer.compare(data, ZEROS.subarray(0, data.length)) === 0;
}
