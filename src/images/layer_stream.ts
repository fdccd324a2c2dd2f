/**
 * Reading a layer's bytes, decompressed.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { methodOf } from "../machine/decompress.ts";
import { TarError } from "./tar_entry.ts";
import { alignFrames, isSkippableFrame } from "./zstd_frames.ts";

const CHUNK_BYTES = 1 << 20;

/**
 * The tar archive in a layer's file: zstd, gzip or plain, told by its first bytes as media types lie.
 *
 * @throws {TarError} while reading, if the compressed data is damaged.
 */
export async function* readLayer(path: string): AsyncGenerator<Uint8Array> {
  const method = await methodOfFile(path);
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  // pipeline hands errors of all to the last stream, where the loop below meets them.
  const stream = decompressed(file, method);
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? "";
    if (code.startsWith("Z_") || code.startsWith("ZSTD_")) {
      throw new TarError("the layer's compressed data is damaged", { cause });
    }
    throw cause;
  } finally {
    file.destroy();
  }
}

function decompressed(file: Readable, method: string): Readable {
  const options = { chunkSize: CHUNK_BYTES };
  const through = (source: Readable, filter: Transform) => pipeline(source, filter, () => {}) as Transform;
  if (method === "zstd") return through(Readable.from(alignFrames(file)), createZstdDecompress(options));
  return method === "gzip" ? through(file, createGunzip(options)) : file;
}

async function methodOfFile(path: string): Promise<string> {
  using file = await Deno.open(path);
  const magic = new Uint8Array(8);
  await file.read(magic);
  return isSkippableFrame(magic) ? "zstd" : methodOf(magic);
}
