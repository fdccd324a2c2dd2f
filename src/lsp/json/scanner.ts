/**
 * Reads JSON in place, as bytes: what is not looked at is skipped, what is replaced is spliced in, and every other byte
 * stays what it was. A parser would lose that (numbers beyond 2^53, order, spelling of escapes), and take several
 * milliseconds for a document of a megabyte.
 *
 * @module
 */
import { BACKSLASH, CLOSE_LIST, CLOSE_OBJECT, COLON, COMMA, OPEN_LIST, OPEN_OBJECT, QUOTE } from "./bytes.ts";
import { JsonCursor, MalformedJson } from "./cursor.ts";
import { internedKey, MAX_KEY_BYTES } from "./keys.ts";
import { Splices } from "./splices.ts";

const decoder = new TextDecoder();

export class JsonScanner extends JsonCursor {
  readonly #splices: Splices;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#splices = new Splices(bytes);
  }

  /** Reads an object; `member` is called with the scanner at each value, which it must pass. */
  object(member: (key: TextRange) => void): void {
    this.open(OPEN_OBJECT);
    if (this.peek() === CLOSE_OBJECT) return this.close();
    for (;;) {
      if (this.peek() !== QUOTE) throw new MalformedJson("a key is missing");
      const key = this.skipText();
      this.expect(COLON);
      member(key);
      const next = this.peek();
      if (next === CLOSE_OBJECT) return this.close();
      this.expect(COMMA);
    }
  }

  /** Reads a list; `item` is called with the scanner at each value, which it must pass. */
  list(item: (index: number) => void): void {
    this.open(OPEN_LIST);
    if (this.peek() === CLOSE_LIST) return this.close();
    for (let index = 0;; index++) {
      item(index);
      const next = this.peek();
      if (next === CLOSE_LIST) return this.close();
      this.expect(COMMA);
    }
  }

  /** Passes a text; where it stands, without its quotes. */
  skipText(): TextRange {
    const start = this.at + 1;
    const escaped = this.passText();
    const end = this.at - 1;
    return { start, end, escaped: escaped && this.bytes.subarray(start, end).includes(BACKSLASH) };
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

  /** A key that was passed. */
  keyOf(range: TextRange): string {
    const { start, end, escaped } = range;
    if (escaped || end - start > MAX_KEY_BYTES) return this.textOf(range);
    return internedKey(this.bytes, start, end, () => this.textOf(range));
  }

  /** The value between two places, parsed. For small values. */
  parse(start: number, end: number): unknown {
    try {
      return JSON.parse(decoder.decode(this.bytes.subarray(start, end)));
    } catch {
      throw new MalformedJson("a value is none");
    }
  }

  /** Puts another value in the place of what stands from `start` to `end`. */
  replace(start: number, end: number, value: unknown): void {
    this.#splices.replace(start, end, value);
  }

  /** Puts another text in the place of one that was passed. */
  replaceText(range: TextRange, text: string): void {
    this.replace(range.start - 1, range.end + 1, text);
  }

  /** The bytes with what was replaced, in parts that follow each other; the very same array if nothing was. */
  result(): readonly Uint8Array[] {
    return this.#splices.parts();
  }
}

/** Where a text stands between its quotes. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
  /** Whether it has escapes. */
  readonly escaped: boolean;
}
