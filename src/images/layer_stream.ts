/**
 * Reading a layer's bytes, decompressed.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { pipeline, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { methodOf } from "../machine/decompress.ts";
import { TarError } from "./tar_entry.ts";

const CHUNK_BYTES = 1 << 20;

/**
 * The tar archive in a layer's file: zstd, gzip or plain, told by its first bytes as media types lie.
 *
 * @throws {TarError} while reading, if the compressed data is damaged.
 */
export async function* readLayer(path: string): AsyncGenerator<Uint8Array> {
  const filter = await decompressor(path);
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  // pipeline hands errors of either to the last stream, where the loop below meets them.
  const stream = filter === undefined ? file : pipeline(file, filter, () => {});
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

async function decompressor(path: string): Promise<Transform | undefined> {
  using file = await Deno.open(path);
  const magic = new Uint8Array(8);
  await file.read(magic);
  const method = methodOf(magic);
  if (method === "zstd") return createZstdDecompress({ chunkSize: CHUNK_BYTES });
  if (method === "gzip") return createGunzip({ chunkSize: CHUNK_BYTES });
  return undefined;
}
