/** Bytes on their way from many writers to one reader. @module */

/** A writer waits while more than this is in the queue, bytes. */
const HIGH_WATER_BYTES = 1024 * 1024;

export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #closed = false;
  #filled = Promise.withResolvers<void>();
  #drained = Promise.withResolvers<void>();

  /** How many are in it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds bytes behind all others; resolves when the reader has come near. */
  push(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    this.#filled.resolve();
    return this.#bytes > HIGH_WATER_BYTES ? this.#drained.promise : Promise.resolve();
  }

  /** No more bytes come. */
  close(): void {
    this.#closed = true;
    this.#filled.resolve();
    this.#drained.resolve();
  }

  /** Fills a part of `buffer`: the number of bytes, or null at the end. */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#chunks.length === 0) {
      if (this.#closed) return null;
      await this.#filled.promise;
      if (!this.#closed) this.#filled = Promise.withResolvers<void>();
    }
    const [first] = this.#chunks as [Uint8Array];
    const part = first.subarray(0, buffer.length);
    buffer.set(part);
    if (part.length === first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(part.length);
    this.#bytes -= part.length;
    if (this.#bytes <= HIGH_WATER_BYTES) {
      this.#drained.resolve();
      this.#drained = Promise.withResolvers<void>();
    }
    return part.length;
  }
}
