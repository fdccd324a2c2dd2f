/**
 * Heads of HTTP/1.1 messages (RFC 9112), read strictly: whatever two programs could read differently is refused, for
 * such differences are how a request is hidden in another.
 *
 * @module
 */
import { Refusal } from "../refusal.ts";

export type Field = readonly [name: string, value: string];

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** The minor version: 0 or 1. */
  readonly minor: number;
  readonly fields: readonly Field[];
}

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly minor: number;
  readonly fields: readonly Field[];
}

const [CR, LF, NUL] = [13, 10, 0];
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// Tab, space, visible characters, and bytes above ASCII, which are opaque (RFC 9110, section 5.5).
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;

/**
 * How many bytes the head at the start of `bytes` has, with its empty line; undefined if it is not complete. Search
 * goes on from `from`, up to where it was complete before.
 *
 * @throws {Refusal} `protocol`: a line end that is not CRLF, or a NUL, as soon as it is seen.
 */
export function findHeadEnd(bytes: Uint8Array, from = 0): number | undefined {
  for (let at = Math.max(0, from - 3); at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === NUL) throw malformed("it has a NUL byte");
    if (byte === LF && (at === 0 || bytes[at - 1] !== CR)) throw malformed("it has a line that ends in LF without CR");
    if (byte === CR && at + 1 < bytes.length && bytes[at + 1] !== LF) throw malformed("it has a CR inside a line");
    if (byte === LF && at >= 3 && bytes[at - 2] === LF) return at + 1;
  }
  // An empty first line ends a head that has nothing in it.
  if (bytes.length >= 2 && bytes[0] === CR) throw malformed("it has an empty line instead of a request");
  return undefined;
}

/**
 * Reads a complete head.
 *
 * @throws {Refusal} `protocol`.
 */
export function parseRequestHead(bytes: Uint8Array, maxLines: number): RequestHead {
  const [first, ...lines] = splitLines(bytes);
  const parts = first!.split(" ");
  const [method, target, version] = parts;
  if (parts.length !== 3 || !TOKEN.test(method!)) throw malformed("its first line is not a request");
  if (!/^[\x21-\x7e]+$/.test(target!)) throw malformed("its target has characters that no URL has");
  if (version !== "HTTP/1.1" && version !== "HTTP/1.0") throw malformed("its version is not HTTP/1.1");
  return { method: method!, target: target!, minor: Number(version.at(-1)), fields: parseFields(lines, maxLines) };
}

/**
 * Reads a complete head of a response.
 *
 * @throws {Refusal} `protocol`.
 */
export function parseResponseHead(bytes: Uint8Array, maxLines: number): ResponseHead {
  const [first, ...lines] = splitLines(bytes);
  const found = STATUS_LINE.exec(first!);
  if (found === null) throw malformed("its first line is not an HTTP/1.1 response");
  const [, minor, status, reason = ""] = found;
  return { status: Number(status), reason, minor: Number(minor), fields: parseFields(lines, maxLines) };
}

/** The fields of a trailer section or head, one a line. */
export function parseFields(lines: readonly string[], maxLines: number): Field[] {
  if (lines.length > maxLines) throw new Refusal("limit", `an HTTP head has more than ${maxLines} fields`);
  return lines.map((line) => {
    const colon = line.indexOf(":");
    // Catches a folded line and a space before the colon as well: neither is a token.
    if (colon < 1 || !TOKEN.test(line.slice(0, colon))) throw malformed("a line is not a field");
    const value = line.slice(colon + 1);
    if (!VALUE.test(value)) throw malformed("a field's value has control characters");
    return [line.slice(0, colon), trim(value)];
  });
}

/** All values of a field, in order. `name` in lower case. */
export function valuesOf(fields: readonly Field[], name: string): string[] {
  return fields.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value);
}

/** The comma-separated members of a field, in lower case. */
export function membersOf(fields: readonly Field[], name: string): string[] {
  return valuesOf(fields, name).flatMap((value) => value.split(",")).map((member) => trim(member).toLowerCase())
    .filter((member) => member !== "");
}

/** A head as bytes; the inverse of reading one. */
export function renderHead(first: string, fields: readonly Field[]): Uint8Array {
  const text = `${first}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return fromLatin1(text);
}

/** One byte a character, as HTTP's heads have it. */
export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function toLatin1(bytes: Uint8Array): string {
  let text = "";
  // Argument lists have a limit.
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return text;
}

export function malformed(why: string): Refusal {
  return new Refusal("protocol", `the HTTP message is malformed: ${why}`);
}

function splitLines(bytes: Uint8Array): string[] {
  const end = findHeadEnd(bytes);
  if (end === undefined || end !== bytes.length) throw malformed("it has no end");
  return toLatin1(bytes.subarray(0, end - 4)).split("\r\n");
}

/** Spaces and tabs at both ends: what HTTP calls optional white space, and nothing else. */
function trim(text: string): string {
  return text.replace(/^[\t ]+/, "").replace(/[\t ]+$/, "");
}
