/**
 * Reading exact numbers of bytes from a stream of chunks.
 *
 * @module
 */

/** Reads a stream of chunks by length. What it hands out is valid until the next call. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk = new Uint8Array();
  /** Bytes handed out or skipped so far. */
  position = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Up to `limit` bytes, at least one; null at the end of the stream. */
  async some(limit: number): Promise<Uint8Array | null> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#source.next();
      if (done) return null;
      this.#chunk = value as Uint8Array<ArrayBuffer>;
    }
    const part = this.#chunk.subarray(0, limit);
    this.#chunk = this.#chunk.subarray(part.length);
    this.position += part.length;
    return part;
  }

  /** Exactly `length` bytes; null if the stream ends before the first of them. `length` must be small: it is kept. */
  async exactly(length: number): Promise<Uint8Array | null> {
    const first = await this.some(length);
    if (first === null || first.length === length) return first;
    const whole = new Uint8Array(length);
    whole.set(first);
    for (let at = first.length; at < length;) {
      const part = await this.some(length - at);
      if (part === null) throw new TruncatedError();
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** The next `length` bytes, chunk by chunk. */
  async *chunks(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      const part = await this.some(left);
      if (part === null) throw new TruncatedError();
      left -= part.length;
      yield part;
    }
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0;) {
      const part = await this.some(left);
      if (part === null) throw new TruncatedError();
      left -= part.length;
    }
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}

/** The stream ended in the middle of something. */
export class TruncatedError extends Error {
  override readonly name = "TruncatedError";
  constructor() {
    super("the archive is truncated");
  }
}
