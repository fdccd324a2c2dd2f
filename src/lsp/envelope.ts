/**
 * What every JSON-RPC message has around its contents.
 *
 * @module
 */
import { MalformedJson } from "./json/cursor.ts";
import { JsonScanner } from "./json/scanner.ts";

/** Where the parts of a message stand in its bytes. */
export interface Envelope {
  readonly scanner: JsonScanner;
  readonly method: string | undefined;
  /** Undefined in a notification. */
  readonly id: string | number | null | undefined;
  /** Where the value of `params` or `result` begins. */
  readonly params: number | undefined;
  readonly result: number | undefined;
  readonly isError: boolean;
}

/**
 * Opens a message.
 *
 * @throws {MalformedJson} if it is none. A part that is there twice counts as malformed: its two readers would
 * disagree about which one is meant.
 */
export function openMessage(body: Uint8Array): Envelope {
  const scanner = new JsonScanner(body);
  const parts = new Map<string, { start: number; end: number }>();
  if (scanner.peek() !== OPEN_OBJECT) throw new MalformedJson("it is no object");
  scanner.object((key) => {
    const name = scanner.keyOf(key);
    if (parts.has(name)) throw new MalformedJson(`"${name.slice(0, 40)}" is there twice`);
    scanner.peek();
    const start = scanner.at;
    scanner.skip();
    parts.set(name, { start, end: scanner.at });
  });
  if (!scanner.atEnd()) throw new MalformedJson("something follows it");
  const parsed = (name: string) => {
    const part = parts.get(name);
    if (part === undefined) return undefined;
    if (part.end - part.start > MAX_NAME_BYTES) throw new MalformedJson(`"${name}" is too long`);
    return scanner.parse(part.start, part.end);
  };
  const method = parsed("method");
  const id = parsed("id");
  if (method !== undefined && typeof method !== "string") throw new MalformedJson("its method is no text");
  if (id !== undefined && id !== null && typeof id !== "string" && typeof id !== "number") {
    throw new MalformedJson("its id is neither text nor number");
  }
  const isError = parts.has("error");
  if (method === undefined && !isError && !parts.has("result")) throw new MalformedJson("it says nothing");
  if (method === undefined && id === undefined) throw new MalformedJson("it answers nothing");
  return {
    scanner,
    method,
    id,
    params: parts.get("params")?.start,
    result: parts.get("result")?.start,
    isError,
  };
}

/** How an id is remembered: 1 and "1" are two. */
export function idKey(id: string | number | null): string {
  return typeof id === "string" ? `"${id}` : String(id);
}

const MAX_NAME_BYTES = 4_096;
const OPEN_OBJECT = 123;
