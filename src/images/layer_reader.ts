/**
 * Reading the layers of an image entry by entry: within bounds, checked against what the image says they are, and with
 * the place of a failure at hand.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { ByteReader } from "./byte_reader.ts";
import { readLayer } from "./layer_stream.ts";
import type { Digest } from "./oci_types.ts";
import { shown, type TarEntry, TarError } from "./tar_entry.ts";
import { storedSize } from "./sparse.ts";
import { readTar } from "./tar_reader.ts";

/** An entry and the reader that stands at its data. */
export interface LayerEntry {
  readonly entry: TarEntry;
  readonly reader: ByteReader;
}

const CHUNK_BYTES = 1 << 20;

export class LayerReader {
  readonly #paths: readonly string[];
  readonly #diffIds: readonly Digest[] | undefined;
  readonly #maxBytes: number;
  #unpacked = 0;
  #layer: number | undefined;
  #entry: string | undefined;

  /** `maxBytes`: what all layers may unpack to together. */
  constructor(paths: readonly string[], diffIds: readonly Digest[] | undefined, maxBytes: number) {
    this.#paths = paths;
    this.#diffIds = diffIds;
    this.#maxBytes = maxBytes;
  }

  get count(): number {
    return this.#paths.length;
  }

  /**
   * The entries of a layer, for the first time.
   *
   * @throws {TarError} also at its end, if it was not what the image says or the layers unpack to too much.
   */
  async *verified(layer: number): AsyncGenerator<LayerEntry> {
    this.#unpacked = layer === 0 ? 0 : this.#unpacked;
    const reader = new ByteReader(this.#checked(layer));
    const entries = this.#entries(layer, reader, async () => {
      // The digest is of all bytes, those behind the end of the archive included.
      while (await reader.some(CHUNK_BYTES) !== null);
    });
    for await (const item of entries) {
      const { sparse, size } = item.entry;
      if (sparse !== undefined) this.#count(size - storedSize(sparse)); // holes are bytes for whoever reads them
      yield item;
    }
  }

  /** The entries of a layer that was {@link verified}. */
  async *again(layer: number): AsyncGenerator<LayerEntry> {
    yield* this.#entries(layer, new ByteReader(readLayer(this.#paths[layer]!)), () => Promise.resolve());
  }

  /** A reason with the place that was reached. */
  where(reason: string): string {
    if (this.#layer === undefined) return reason;
    const isNamed = this.#entry === undefined || reason.includes(shown(this.#entry));
    return `layer ${this.#layer + 1} of ${this.count}: ${reason}${
      isNamed ? "" : ` (at or after ${shown(this.#entry!)})`
    }`;
  }

  async *#entries(layer: number, reader: ByteReader, atEnd: () => Promise<void>): AsyncGenerator<LayerEntry> {
    [this.#layer, this.#entry] = [layer, undefined];
    try {
      for await (const entry of readTar(reader)) {
        this.#entry = entry.path;
        yield { entry, reader };
      }
      this.#entry = undefined;
      await atEnd();
    } finally {
      await reader.close();
    }
    this.#layer = undefined;
  }

  #count(bytes: number): void {
    this.#unpacked += bytes;
    if (this.#unpacked > this.#maxBytes) throw new TarError(`the image unpacks to more than ${this.#maxBytes} bytes`);
  }

  async *#checked(layer: number): AsyncGenerator<Uint8Array> {
    const expected = this.#diffIds?.[layer];
    const hash = createHash("sha256");
    for await (const chunk of readLayer(this.#paths[layer]!)) {
      this.#count(chunk.length);
      if (expected !== undefined) hash.update(chunk);
      yield chunk;
    }
    if (expected === undefined) return;
    const actual = `sha256:${hash.digest("hex")}`;
    if (actual !== expected) throw new TarError(`it unpacks to ${actual}, and the image says ${expected}`);
  }
}
