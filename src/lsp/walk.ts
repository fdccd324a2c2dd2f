/**
 * Goes through one part of a message by its shape and hands every path in it to a {@link PathSink}.
 *
 * @module
 */
import { BACKSLASH, COLON, OPEN_LIST, OPEN_OBJECT, QUOTE } from "./json/bytes.ts";
import type { JsonScanner, TextRange } from "./json/scanner.ts";
import { mapFileLinks } from "./markup.ts";
import type { Shape, ShapeOf, TextKind } from "./protocol/shapes.ts";

/** What to write in a path's place; undefined: what stands there. */
export interface PathSink {
  /** @param kind `markup` means a link in it. `edited`: what it names is going to be changed. */
  uri(uri: string, kind: "uri" | "document" | "markup", edited: boolean): string | undefined;
  path(path: string): string | undefined;
  glob(pattern: string): string | undefined;
  /** A text that is a path or a URI as a whole, or something else altogether. */
  loose(text: string, kind: "any" | "uris"): string | undefined;
  /** The shape of a registration's options. */
  registration(method: string): ShapeOf | undefined;
  /** The shape of the value that a progress token brings. */
  progress(token: unknown): ShapeOf | undefined;
}

/** Passes the scanner's next value, replacing the paths in it. */
export function walk(scanner: JsonScanner, shape: Shape, sink: PathSink): void {
  new Walk(scanner, sink).value(shape);
}

/** The rule for what no type is known of: see {@link Walk.unknown}. */
const URI_KEY = /^(?:uri|.*Uri|href)$/;

/** Passes a value of a method that the protocol does not define. Texts under keys that it uses for URIs are URIs. */
export function walkUnknown(scanner: JsonScanner, sink: PathSink): void {
  new Walk(scanner, sink).unknown();
}

class Walk {
  #edited = false;

  constructor(private readonly scanner: JsonScanner, private readonly sink: PathSink) {}

  value(shape: Shape): void {
    const { scanner } = this;
    if (shape.loose) return this.#loose(shape.loose);
    if (shape.special === "processId") return this.#null();
    const first = scanner.peek();
    if (first === QUOTE && shape.text) this.#text(scanner.skipText(), shape.text);
    else if (first === OPEN_LIST && (shape.items || shape.tuple)) {
      scanner.list((index) => this.#maybe(shape.items ?? shape.tuple?.[index]));
    } else if (first === OPEN_OBJECT && (shape.properties || shape.values || shape.keys || shape.special)) {
      this.#object(shape);
    } else scanner.skip();
  }

  unknown(): void {
    const { scanner } = this;
    const first = scanner.peek();
    if (first === OPEN_LIST) scanner.list(() => this.unknown());
    else if (first !== OPEN_OBJECT) scanner.skip();
    else {
      scanner.object((key) => {
        if (scanner.peek() !== QUOTE) return this.unknown();
        const text = scanner.skipText();
        if (URI_KEY.test(scanner.keyOf(key)) && this.#looksLikeFile(text)) this.#text(text, "uri");
      });
    }
  }

  #maybe(shape: ShapeOf | undefined): void {
    if (shape === undefined) this.scanner.skip();
    else this.value(shape());
  }

  #object(shape: Shape): void {
    if (shape.special === "edit") {
      const before = this.#edited;
      this.#edited = true;
      this.#members(shape);
      this.#edited = before;
    } else if (shape.special === undefined) this.#members(shape);
    else this.#dependent(shape);
  }

  #members({ properties, keys, values }: Shape): void {
    const { scanner } = this;
    scanner.object((key) => {
      const known = properties?.get(scanner.keyOf(key));
      if (known !== undefined) return this.value(known());
      if (keys !== undefined) this.#text(key, keys);
      this.#maybe(values);
    });
  }

  /** An object whose parts tell what another part of it is; they may come in any order. */
  #dependent(shape: Shape): void {
    const { scanner, sink } = this;
    const start = scanner.at;
    if (shape.special === "markup") {
      scanner.skip();
      if (!this.#mayLinkToFile({ start, end: scanner.at })) return;
      scanner.at = start;
    }
    const found = new Map<string, unknown>();
    scanner.object((key) => {
      const isText = scanner.peek() === QUOTE;
      const from = scanner.at;
      const name = scanner.keyOf(key);
      if (name !== "kind" && name !== "method" && name !== "token") return scanner.skip();
      if (isText) return found.set(name, scanner.keyOf(scanner.skipText()));
      scanner.skip();
      found.set(name, scanner.parse(from, scanner.at));
    });
    scanner.at = start;
    const part = (name: string, of: ShapeOf | undefined) =>
      scanner.object((key) => {
        if (of !== undefined && scanner.keyOf(key) === name) this.value(of());
        else scanner.skip();
      });
    if (shape.special === "registration") part("registerOptions", sink.registration(String(found.get("method"))));
    else if (shape.special === "progress") part("value", sink.progress(found.get("token")));
    else if (found.get("kind") === "markdown") part("value", () => ({ text: "markup" }));
    // Not markup after all: one of the other types that the value may have.
    else this.#members(shape);
  }

  #text(range: TextRange, kind: TextKind): void {
    const { scanner, sink } = this;
    if (kind === "markup" && !this.#mayLinkToFile(range)) return;
    const text = scanner.textOf(range);
    const replaced = kind === "path"
      ? sink.path(text)
      : kind === "glob"
      ? sink.glob(text)
      : kind === "markup"
      ? mapFileLinks(text, (uri) => sink.uri(uri, "markup", false) ?? uri)
      : sink.uri(text, kind, this.#edited);
    if (replaced !== undefined && replaced !== text) scanner.replaceText(range, replaced);
  }

  #loose(kind: "any" | "uris"): void {
    const { scanner, sink } = this;
    const first = scanner.peek();
    if (first === OPEN_LIST) scanner.list(() => this.#loose(kind));
    else if (first === OPEN_OBJECT) scanner.object(() => this.#loose(kind));
    else if (first !== QUOTE) scanner.skip();
    else {
      const range = scanner.skipText();
      if (kind === "uris" && !this.#looksLikeFile(range)) return;
      const text = scanner.textOf(range);
      const replaced = sink.loose(text, kind);
      if (replaced !== undefined && replaced !== text) scanner.replaceText(range, replaced);
    }
  }

  /** Whether `file:` may stand somewhere between two places, plain or escaped. Most Markdown has none. */
  #mayLinkToFile({ start, end }: Pick<TextRange, "start" | "end">): boolean {
    const { bytes } = this.scanner;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === COLON && at >= start + 4 && (bytes[at - 4]! | 32) === LETTER_F) return true;
      if (byte === BACKSLASH && bytes[at + 1] === LETTER_U) return true;
    }
    return false;
  }

  #null(): void {
    const { scanner } = this;
    const isNull = scanner.peek() === LETTER_N;
    const start = scanner.at;
    scanner.skip();
    if (!isNull) scanner.replace(start, scanner.at, null);
  }

  /** Whether a text may begin with `file:`; one with escapes may be anything. */
  #looksLikeFile({ start, escaped }: TextRange): boolean {
    const { bytes } = this.scanner;
    return escaped || ((bytes[start]! | 32) === LETTER_F && bytes[start + 4] === COLON);
  }
}

const LETTER_F = 102;
const LETTER_N = 110;
const LETTER_U = 117;
