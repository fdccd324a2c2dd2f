/**
 * Where a text of JSON ends: four bytes at a time, since most of a large message is one document. A native search for
 * the next quote would be called for each of the thousands that a source file has.
 *
 * @module
 */
import { BACKSLASH, QUOTE } from "./bytes.ts";

/** Bytes with a view of the same memory as words. */
export class TextEnds {
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#words = new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2);
  }

  /**
   * The place of the quote that ends a text.
   *
   * @param start where the text begins, after its first quote.
   * @param from where to begin to look; no half of an escape stands before it.
   * @returns -1 if the text has no end.
   */
  find(start: number, from: number): number {
    const bytes = this.#bytes;
    for (let at = this.#quote(from); at >= 0; at = this.#quote(at + 1)) {
      let before = at - 1;
      while (before >= start && bytes[before] === BACKSLASH) before--;
      if ((at - 1 - before) % 2 === 0) return at;
    }
    return -1;
  }

  /** The next quote, escaped or not; -1 if there is none. */
  #quote(from: number): number {
    const bytes = this.#bytes;
    const words = this.#words;
    const { byteOffset, length } = bytes;
    let at = from;
    for (; at < length && ((byteOffset + at) & 3) !== 0; at++) if (bytes[at] === QUOTE) return at;
    const last = (byteOffset + length) >> 2;
    for (let word = (byteOffset + at) >> 2; word < last; word++, at += 4) {
      // A byte of it is zero where the word has a quote: the classic test for one.
      const zero = words[word]! ^ FOUR_QUOTES;
      if (((zero - 0x01010101) & ~zero & 0x80808080) !== 0) break;
    }
    for (; at < length; at++) if (bytes[at] === QUOTE) return at;
    return -1;
  }
}

const FOUR_QUOTES = 0x22222222;
