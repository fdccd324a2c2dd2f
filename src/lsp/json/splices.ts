/**
 * Bytes with some of them replaced.
 *
 * @module
 */

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();

export class Splices {
  readonly #bytes: Uint8Array;
  readonly #splices: Splice[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Puts another value of JSON in the place of what stands from `start` to `end`. */
  replace(start: number, end: number, value: unknown): void {
    this.#splices.push({ start, end, bytes: encoder.encode(JSON.stringify(value)) });
  }

  /**
   * What comes out, in parts that follow each other: what stays is not copied. One part, the very same array, if nothing
   * was replaced.
   */
  parts(): readonly Uint8Array[] {
    if (this.#splices.length === 0) return [this.#bytes];
    const parts: Uint8Array[] = [];
    let from = 0;
    for (const { start, end, bytes } of this.#splices.sort((a, b) => a.start - b.start)) {
      if (start > from) parts.push(this.#bytes.subarray(from, start));
      parts.push(bytes);
      from = end;
    }
    parts.push(this.#bytes.subarray(from));
    return parts;
  }
}
