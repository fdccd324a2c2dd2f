/**
 * The cold tier: root file systems that nobody used for a while, as zstd files beside their names. The plain file goes
 * only when the compressed one is whole, and comes back before the compressed one goes: wherever the work is cut off,
 * one of them is whole.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { reasonOf, SiloError } from "../errors.ts";
import { fileSize, publish, removeIfThere, sweepLeftovers, temporaryBeside, withLock, writeAll } from "./atomic.ts";
import { ifUnused } from "./in_use.ts";

/** Bytes done and to do. */
export type Counted = (done: number, total: number) => void;

const CHUNK_BYTES = 1 << 20;
/** What is all zeros in this many bytes becomes a hole. */
const HOLE_BYTES = 4096;
const ZEROS = new Uint8Array(HOLE_BYTES);

/** The compressed form of an entry. */
export function coldPath(path: string): string {
  return `${path}.zst`;
}

/**
 * Compresses an entry, and removes its plain form unless a run uses it.
 *
 * @returns `false` if the entry is gone or a run uses it: then nothing is changed.
 */
export async function coolDown(path: string, counted: Counted = () => {}): Promise<boolean> {
  return await withLock(`${path}.lock`, async () => {
    const size = await fileSize(path);
    if (size === undefined) return false;
    const cold = coldPath(path);
    await sweepLeftovers(cold);
    if (!await ifUnused(path, () => Promise.resolve())) return false; // do not work for nothing
    const temporary = temporaryBeside(cold);
    try {
      await compress(path, temporary, size, counted);
      let published = false;
      const unused = await ifUnused(path, async () => {
        await publish(temporary, cold);
        published = true;
        await removeIfThere(path);
      });
      if (!published) await removeIfThere(temporary);
      return unused;
    } catch (cause) {
      await removeIfThere(temporary);
      throw new SiloError(`could not compress ${path}: ${reasonOf(cause)}`, { cause });
    }
  });
}

/**
 * Takes an entry out of the cold tier; the file's holes are holes again.
 *
 * @returns whether it was there.
 * @throws {SiloError} if it is damaged (it is removed then) or the disk is full.
 */
export async function warmUp(path: string, counted: Counted = () => {}): Promise<boolean> {
  const cold = coldPath(path);
  if (await fileSize(cold) === undefined) return false;
  return await withLock(`${path}.lock`, async () => {
    const size = await recordedSize(path);
    if (await fileSize(path) === size && size !== undefined) return true; // another process did it meanwhile
    if (await fileSize(cold) === undefined) return false;
    await sweepLeftovers(path);
    const temporary = temporaryBeside(path);
    try {
      await decompress(cold, temporary, size, counted);
      await Deno.chmod(temporary, 0o444);
      await publish(temporary, path);
      await removeIfThere(cold);
      return true;
    } catch (cause) {
      await removeIfThere(temporary);
      const code = String((cause as { code?: unknown }).code ?? "");
      if (cause instanceof RangeError || code.startsWith("ZSTD_")) await removeIfThere(cold);
      throw new SiloError(`could not unpack ${cold}: ${reasonOf(cause)}`, {
        hint: "Try again: what is damaged has been removed and is made anew.",
        cause,
      });
    }
  });
}

async function compress(from: string, to: string, total: number, counted: Counted): Promise<void> {
  const zstd = createZstdCompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  using input = await Deno.open(from);
  using output = await Deno.open(to, { createNew: true, write: true, mode: 0o444 });
  const writing = (async () => {
    for await (const chunk of zstd) await writeAll(output, chunk as Uint8Array);
  })();
  const buffer = new Uint8Array(CHUNK_BYTES);
  let done = 0;
  for (let count; (count = await input.read(buffer)) !== null;) {
    if (!zstd.write(buffer.slice(0, count))) await Promise.race([once(zstd, "drain"), writing]);
    counted(done += count, total);
  }
  zstd.end();
  await writing;
  await output.sync();
}

async function decompress(from: string, to: string, size: number | undefined, counted: Counted): Promise<void> {
  using output = await Deno.open(to, { createNew: true, write: true, mode: 0o600 });
  const file = createReadStream(from, { highWaterMark: CHUNK_BYTES });
  const zstd = createZstdDecompress({ chunkSize: CHUNK_BYTES });
  file.on("error", (error) => zstd.destroy(error));
  let done = 0;
  try {
    for await (const chunk of file.pipe(zstd)) {
      const data = chunk as Uint8Array;
      if (size !== undefined && done + data.length > size) throw new RangeError("it is larger than it was");
      await writeSparse(output, data, done);
      counted(done += data.length, size ?? done);
    }
  } finally {
    file.destroy();
  }
  if (size !== undefined && done !== size) throw new RangeError("it is smaller than it was");
  await output.truncate(done);
  await output.sync();
}

/** Writes what is not zeros. */
async function writeSparse(file: Deno.FsFile, data: Uint8Array, offset: number): Promise<void> {
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

function isZero(data: Uint8Array): boolean {
  // memcmp: a loop over the bytes takes many times as long.
  return Buffer.compare(data, ZEROS.subarray(0, data.length)) === 0;
}

async function recordedSize(path: string): Promise<number | undefined> {
  const recorded = await Deno.readTextFile(`${path}.json`).then(JSON.parse).catch(() => undefined);
  return typeof recorded?.size === "number" ? recorded.size : undefined;
}
