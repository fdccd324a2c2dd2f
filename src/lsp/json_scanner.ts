/**
 * Reads JSON in place, as bytes: what is not looked at is skipped, what is replaced is spliced in, and every other byte
 * stays what it was. A parser would lose that (numbers beyond 2^53, order, spelling of escapes), and take several
 * milliseconds for a document of a megabyte.
 *
 * @module
 */
import { MAX_DEPTH } from "./limits.ts";

/** The bytes are no JSON, or more deeply nested than allowed. */
export class MalformedJson extends Error {
  override readonly name = "MalformedJson";
}

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class JsonScanner {
  readonly bytes: Uint8Array;
  /** Where the next value begins, or white space before it. */
  at = 0;
  readonly #splices: Splice[] = [];
  /** Where long texts end: a document is looked through once, however often it is passed. */
  readonly #longTexts = new Map<number, number>();
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The first byte of the next value, after white space. */
  peek(): number {
    for (let byte = this.bytes[this.at];; byte = this.bytes[++this.at]) {
      if (byte === undefined) throw new MalformedJson("it ends too early");
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return byte;
    }
  }

  /** Whether nothing but white space is left. */
  atEnd(): boolean {
    for (; this.at < this.bytes.length; this.at++) {
      const byte = this.bytes[this.at]!;
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return false;
    }
    return true;
  }

  /** Passes one value. */
  skip(): void {
    switch (this.peek()) {
      case QUOTE:
        this.#passText();
        break;
      case OPEN_OBJECT:
        this.#skipObject();
        break;
      case OPEN_LIST:
        this.#skipList();
        break;
      default:
        this.#skipWord();
    }
  }

  // These two do what object() and list() do, without a call and a range for each member: most of a message is skipped.

  #skipObject(): void {
    this.#open(OPEN_OBJECT);
    if (this.peek() === CLOSE_OBJECT) return this.#close();
    for (;;) {
      if (this.peek() !== QUOTE) throw new MalformedJson("a key is missing");
      this.#passText();
      this.#expect(COLON);
      this.skip();
      if (this.peek() === CLOSE_OBJECT) return this.#close();
      this.#expect(COMMA);
    }
  }

  #skipList(): void {
    this.#open(OPEN_LIST);
    if (this.peek() === CLOSE_LIST) return this.#close();
    for (;;) {
      this.skip();
      if (this.peek() === CLOSE_LIST) return this.#close();
      this.#expect(COMMA);
    }
  }

  /** Reads an object; `member` is called with the scanner at each value, which it must pass. */
  object(member: (key: TextRange) => void): void {
    this.#open(OPEN_OBJECT);
    if (this.peek() === CLOSE_OBJECT) return this.#close();
    for (;;) {
      if (this.peek() !== QUOTE) throw new MalformedJson("a key is missing");
      const key = this.skipText();
      this.#expect(COLON);
      member(key);
      const next = this.peek();
      if (next === CLOSE_OBJECT) return this.#close();
      this.#expect(COMMA);
    }
  }

  /** Reads a list; `item` is called with the scanner at each value, which it must pass. */
  list(item: (index: number) => void): void {
    this.#open(OPEN_LIST);
    if (this.peek() === CLOSE_LIST) return this.#close();
    for (let index = 0;; index++) {
      item(index);
      const next = this.peek();
      if (next === CLOSE_LIST) return this.#close();
      this.#expect(COMMA);
    }
  }

  /** Passes a text; where it stands, without its quotes. */
  skipText(): TextRange {
    const start = this.at + 1;
    const escaped = this.#passText();
    const end = this.at - 1;
    return { start, end, escaped: escaped && this.bytes.subarray(start, end).includes(BACKSLASH) };
  }

  /** Passes a text; false if it has no escapes for certain. */
  #passText(): boolean {
    const { bytes } = this;
    const start = this.at + 1;
    let end = start;
    let escaped = false;
    // Short texts, as keys are, take longer to hand to the search than to look at.
    for (const near = Math.min(start + LONG_TEXT_BYTES, bytes.length); end < near; end++) {
      const byte = bytes[end]!;
      if (byte === QUOTE) {
        this.at = end + 1;
        return escaped;
      }
      if (byte !== BACKSLASH) continue;
      escaped = true;
      end++; // with what it escapes
    }
    const known = this.#longTexts.get(start);
    if (known !== undefined) {
      this.at = known;
      return true;
    }
    for (;; end++) {
      end = bytes.indexOf(QUOTE, end);
      if (end < 0) throw new MalformedJson("a text has no end");
      let before = end - 1;
      while (before >= start && bytes[before] === BACKSLASH) before--;
      if ((end - 1 - before) % 2 === 0) break;
    }
    this.at = end + 1;
    this.#longTexts.set(start, this.at);
    return true;
  }

  /** A text that was passed, decoded. */
  textOf({ start, end, escaped }: TextRange): string {
    const raw = decoder.decode(this.bytes.subarray(start, end));
    if (!escaped) return raw;
    try {
      return JSON.parse(`"${raw}"`);
    } catch {
      throw new MalformedJson("a text has an escape that is none");
    }
  }

  /** A key that was passed: the same few come again and again. */
  keyOf(range: TextRange): string {
    const { bytes } = this;
    const { start, end } = range;
    if (range.escaped || end - start > MAX_KEY_BYTES) return this.textOf(range);
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (hash * 31 + bytes[at]!) & (KEY_SLOTS - 1);
    const known = keys[hash];
    if (known !== undefined && known.length === end - start) {
      let at = start;
      while (at < end && known.charCodeAt(at - start) === bytes[at]) at++;
      if (at === end) return known;
    }
    const text = this.textOf(range);
    if (text.length === end - start) keys[hash] = text; // else it is not ASCII
    return text;
  }

  /** The value between two places, parsed. For small values. */
  parse(start: number, end: number): unknown {
    try {
      return JSON.parse(decoder.decode(this.bytes.subarray(start, end)));
    } catch {
      throw new MalformedJson("a value is none");
    }
  }

  /** Puts another value in the place of what stands from `start` to `end`. Places must come in order. */
  replace(start: number, end: number, value: unknown): void {
    this.#splices.push({ start, end, bytes: encoder.encode(JSON.stringify(value)) });
  }

  /** Puts another text in the place of one that was passed. */
  replaceText(range: TextRange, text: string): void {
    this.replace(range.start - 1, range.end + 1, text);
  }

  /** The bytes with what was replaced; the very same array if nothing was. */
  result(): Uint8Array {
    if (this.#splices.length === 0) return this.bytes;
    const splices = this.#splices.sort((a, b) => a.start - b.start);
    const length = splices.reduce((sum, it) => sum + it.bytes.length - (it.end - it.start), this.bytes.length);
    const result = new Uint8Array(length);
    let from = 0;
    let to = 0;
    for (const { start, end, bytes } of splices) {
      result.set(this.bytes.subarray(from, start), to);
      result.set(bytes, to + start - from);
      to += start - from + bytes.length;
      from = end;
    }
    result.set(this.bytes.subarray(from), to);
    return result;
  }

  #open(byte: number): void {
    if (++this.#depth > MAX_DEPTH) throw new MalformedJson(`it is nested more than ${MAX_DEPTH} times`);
    this.#expect(byte);
  }

  #close(): void {
    this.#depth--;
    this.at++;
  }

  #expect(byte: number): void {
    if (this.peek() !== byte) throw new MalformedJson(`"${String.fromCharCode(byte)}" is missing`);
    this.at++;
  }

  /** A number, true, false or null. */
  #skipWord(): void {
    const start = this.at;
    while (this.at < this.bytes.length && IS_WORD[this.bytes[this.at]!]) this.at++;
    const first = this.bytes[start]!;
    if (this.at === start) throw new MalformedJson("a value is missing");
    if (first === MINUS || (first >= 48 && first <= 57)) return; // whoever uses the number looks at it
    const word = decoder.decode(this.bytes.subarray(start, this.at));
    if (word !== "true" && word !== "false" && word !== "null") throw new MalformedJson("a value is none");
  }
}

/** Where a text stands between its quotes. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
  /** Whether it has escapes. */
  readonly escaped: boolean;
}

/** Texts longer than this are searched for their end. */
const LONG_TEXT_BYTES = 256;
const MAX_KEY_BYTES = 32;
const KEY_SLOTS = 4_096;
const keys: (string | undefined)[] = new Array(KEY_SLOTS).fill(undefined);

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const COLON = 58;
const COMMA = 44;
const MINUS = 45;

/** Letters, digits and signs, of which numbers and words consist. */
const IS_WORD = Array.from({ length: 256 }, (_, byte) => /[A-Za-z0-9.+-]/.test(String.fromCharCode(byte)));
