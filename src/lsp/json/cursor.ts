/**
 * Passes values of JSON, as bytes, without looking at what is in them.
 *
 * @module
 */
import { BACKSLASH, CLOSE_LIST, CLOSE_OBJECT, COLON, COMMA, OPEN_LIST, OPEN_OBJECT, QUOTE } from "./bytes.ts";
import { MAX_DEPTH } from "../limits.ts";
import { TextEnds } from "./text_end.ts";

/** The bytes are no JSON, or more deeply nested than allowed. */
export class MalformedJson extends Error {
  override readonly name = "MalformedJson";
}

export class JsonCursor {
  readonly bytes: Uint8Array;
  /** Where the next value begins, or white space before it. */
  at = 0;
  /** Where long texts end: a document is looked through once, however often it is passed. */
  readonly #longTexts = new Map<number, number>();
  #ends: TextEnds | undefined;
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
        this.passText();
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

  // These two do what JsonScanner's object() and list() do, without a call and a range for each member: most of a
  // message is skipped.

  #skipObject(): void {
    this.open(OPEN_OBJECT);
    if (this.peek() === CLOSE_OBJECT) return this.close();
    for (;;) {
      if (this.peek() !== QUOTE) throw new MalformedJson("a key is missing");
      this.passText();
      this.expect(COLON);
      this.skip();
      if (this.peek() === CLOSE_OBJECT) return this.close();
      this.expect(COMMA);
    }
  }

  #skipList(): void {
    this.open(OPEN_LIST);
    if (this.peek() === CLOSE_LIST) return this.close();
    for (;;) {
      this.skip();
      if (this.peek() === CLOSE_LIST) return this.close();
      this.expect(COMMA);
    }
  }

  /** Passes a text; false if it has no escapes for certain. */
  protected passText(): boolean {
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
    end = (this.#ends ??= new TextEnds(bytes)).find(start, end);
    if (end < 0) throw new MalformedJson("a text has no end");
    this.at = end + 1;
    this.#longTexts.set(start, this.at);
    return true;
  }

  protected open(byte: number): void {
    if (++this.#depth > MAX_DEPTH) throw new MalformedJson(`it is nested more than ${MAX_DEPTH} times`);
    this.expect(byte);
  }

  protected close(): void {
    this.#depth--;
    this.at++;
  }

  protected expect(byte: number): void {
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
    if (!WORDS.some((word) => this.#isWord(word, start))) throw new MalformedJson("a value is none");
  }

  #isWord(word: string, start: number): boolean {
    if (this.at - start !== word.length) return false;
    for (let i = 0; i < word.length; i++) if (this.bytes[start + i] !== word.charCodeAt(i)) return false;
    return true;
  }
}

/** Texts longer than this are searched for their end. */
const LONG_TEXT_BYTES = 256;

const MINUS = 45;
const WORDS = ["null", "true", "false"];

/** Letters, digits and signs, of which numbers and words consist. */
const IS_WORD = Array.from({ length: 256 }, (_, byte) => /[A-Za-z0-9.+-]/.test(String.fromCharCode(byte)));
