/**
 * What every JSON-RPC message has around its contents.
 *
 * @module
 */
import { CLOSE_OBJECT, COLON, COMMA, OPEN_OBJECT, QUOTE } from "./json/bytes.ts";
import { MalformedJson } from "./json/cursor.ts";
import { JsonScanner } from "./json/scanner.ts";

/**
 * A message. Most have their contents last: those are passed once, by whoever takes them, and not looked through before.
 *
 * A part that is there twice makes the message malformed: its two readers would disagree about which one is meant. So
 * does a question that is an answer as well.
 */
export class Envelope extends JsonScanner {
  #method: string | undefined;
  #id: string | number | null | undefined;
  readonly #parts = new Map<string, number>();
  /** The part that the scanner stands before: nothing behind it has been read. */
  #open: "params" | "result" | undefined;

  /**
   * Opens a message.
   *
   * @throws {MalformedJson} if it is none, as far as that shows by now.
   */
  constructor(body: Uint8Array) {
    super(body);
    if (this.peek() !== OPEN_OBJECT) throw new MalformedJson("it is no object");
    this.open(OPEN_OBJECT);
    if (this.peek() === CLOSE_OBJECT) throw new MalformedJson("it says nothing");
    this.#read();
  }

  /** Undefined in an answer. */
  get method(): string | undefined {
    return this.#method;
  }

  /** Undefined in a notification. May stand behind the contents, so that it counts once they were taken. */
  get id(): string | number | null | undefined {
    return this.#id;
  }

  /** Where the value of a part begins. */
  startOf(part: "params" | "result"): number | undefined {
    return this.#parts.get(part);
  }

  /**
   * Has a part passed, with the scanner at its value, and the rest of the message read. Nothing is passed if it has no
   * such part.
   *
   * @throws {MalformedJson} if the message is none after all.
   */
  take(part: "params" | "result", pass: () => void): void {
    const start = this.#parts.get(part);
    if (start === undefined) return this.finish();
    if (this.#open !== part) this.finish();
    this.at = start;
    pass();
    if (this.#open === part) this.#resume();
  }

  /** Reads what has not been read. */
  finish(): void {
    if (this.#open === undefined) return;
    this.skip();
    this.#resume();
  }

  #resume(): void {
    this.#open = undefined;
    if (this.#hasNext()) this.#read();
  }

  /** Reads members until one that can be left to others, or to the end. */
  #read(): void {
    do {
      if (this.peek() !== QUOTE) throw new MalformedJson("a key is missing");
      const name = this.keyOf(this.skipText());
      if (this.#parts.has(name)) throw new MalformedJson(`"${name.slice(0, 40)}" is there twice`);
      this.expect(COLON);
      this.peek();
      const start = this.at;
      this.#parts.set(name, start);
      const isQuestion = name === "params" && this.#method !== undefined;
      const isAnswer = name === "result" && this.#method === undefined && this.#id !== undefined;
      if (isQuestion || isAnswer) {
        this.#open = name as "params" | "result";
        return;
      }
      this.skip();
      if (name === "method") this.#method = methodOf(this.#small(name, start));
      else if (name === "id") this.#id = idOf(this.#small(name, start));
    } while (this.#hasNext());
  }

  /** Whether another member follows; the end of the message is passed if not. */
  #hasNext(): boolean {
    if (this.peek() === CLOSE_OBJECT) {
      this.close();
      if (!this.atEnd()) throw new MalformedJson("something follows it");
      this.#check();
      return false;
    }
    this.expect(COMMA);
    return true;
  }

  #check(): void {
    const answers = this.#parts.has("result") || this.#parts.has("error");
    if (this.#method !== undefined && answers) throw new MalformedJson("it is a question and an answer");
    if (this.#method === undefined && !answers) throw new MalformedJson("it says nothing");
    if (this.#method === undefined && this.#id === undefined) throw new MalformedJson("it answers nothing");
  }

  #small(name: string, start: number): unknown {
    if (this.at - start > MAX_NAME_BYTES) throw new MalformedJson(`"${name}" is too long`);
    return this.parse(start, this.at);
  }
}

function methodOf(value: unknown): string {
  if (typeof value !== "string") throw new MalformedJson("its method is no text");
  return value;
}

function idOf(value: unknown): string | number | null {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  throw new MalformedJson("its id is neither text nor number");
}

/** How an id is remembered: 1 and "1" are two. */
export function idKey(id: string | number | null): string {
  return typeof id === "string" ? `"${id}` : String(id);
}

const MAX_NAME_BYTES = 4_096;
