/**
 * Bodies of HTTP/1.1 messages (RFC 9112, sections 6 and 7).
 *
 * @module
 */
import { type BufferedReader } from "../io/buffered_reader.ts";
import { type Duplex, writeAll } from "../io/duplex.ts";
import { Refusal } from "../refusal.ts";
import { type Field, fromLatin1, malformed, membersOf, parseFields, toLatin1, valuesOf } from "./head.ts";

/** Where a body ends. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  /** With the connection; responses alone. */
  | { readonly kind: "close" };

const MAX_PIECE_BYTES = 131_072;
const MAX_CHUNK_LINE_BYTES = 4_096;
const MAX_TRAILER_BYTES = 16_384;
const MAX_TRAILER_LINES = 64;

/**
 * The framing that the fields say.
 *
 * @throws {Refusal} `protocol` if they can be read in two ways: both a length and chunks, two lengths, a coding that is
 * not exactly `chunked`.
 */
export function framingOf(fields: readonly Field[], minor: number): Framing {
  const coding = valuesOf(fields, "transfer-encoding");
  const lengths = valuesOf(fields, "content-length");
  if (coding.length > 0) {
    if (lengths.length > 0) throw malformed("it has both Transfer-Encoding and Content-Length");
    if (coding.length > 1 || coding[0]!.toLowerCase() !== "chunked") {
      throw malformed("its Transfer-Encoding is not chunked");
    }
    if (minor === 0) throw malformed("it has Transfer-Encoding in HTTP/1.0");
    return { kind: "chunked" };
  }
  if (lengths.length === 0) return { kind: "none" };
  if (lengths.length > 1) throw malformed("it has more than one Content-Length");
  if (!/^\d{1,15}$/.test(lengths[0]!)) throw malformed("its Content-Length is not a number");
  return { kind: "length", bytes: Number(lengths[0]) };
}

/** The framing of the response to a request (RFC 9112, section 6.3). */
export function responseFraming(method: string, status: number, fields: readonly Field[], minor: number): Framing {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return { kind: "none" };
  const framing = framingOf(fields, minor);
  return framing.kind === "none" ? { kind: "close" } : framing;
}

/**
 * The body's bytes without their framing; each piece is valid until the next is asked for. Reads exactly to the end of
 * the body.
 *
 * @throws {Refusal} `protocol` if the stream ends before the body or a chunk is malformed.
 */
export async function* readBody(reader: BufferedReader, framing: Framing): AsyncGenerator<Uint8Array> {
  switch (framing.kind) {
    case "none":
      return;
    case "length":
      return yield* readLength(reader, framing.bytes);
    case "chunked":
      return yield* readChunks(reader);
    case "close": {
      let piece;
      while ((piece = await reader.take(MAX_PIECE_BYTES)) !== null) yield piece;
    }
  }
}

/** Writes a body, in chunks of its own if `chunked`: nothing of how it was cut before is passed on. */
export async function writeBody(to: Duplex, pieces: AsyncIterable<Uint8Array>, chunked: boolean): Promise<void> {
  for await (const piece of pieces) {
    if (!chunked) {
      await writeAll(to, piece);
      continue;
    }
    const head = fromLatin1(`${piece.length.toString(16)}\r\n`);
    const chunk = new Uint8Array(head.length + piece.length + 2);
    chunk.set(head);
    chunk.set(piece, head.length);
    chunk.set([13, 10], head.length + piece.length);
    await writeAll(to, chunk);
  }
  if (chunked) await writeAll(to, fromLatin1("0\r\n\r\n"));
}

/** Whether the sender keeps the connection open after this message. */
export function keepsOpen(fields: readonly Field[], minor: number): boolean {
  const options = membersOf(fields, "connection");
  return minor === 1 && !options.includes("close");
}

async function* readLength(reader: BufferedReader, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  while (left > 0) {
    const piece = await reader.take(Math.min(left, MAX_PIECE_BYTES));
    if (piece === null) throw malformed("it ends before its body does");
    left -= piece.length;
    yield piece;
  }
}

async function* readChunks(reader: BufferedReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const line = await readLine(reader);
    // Extensions mean nothing to anyone and are read differently by many: they are checked and left out.
    const found = /^([0-9A-Fa-f]{1,12})(?:[\t ]*;[\t\x20-\x7e]*)?$/.exec(line);
    if (found === null) throw malformed("a chunk has no size");
    const size = parseInt(found[1]!, 16);
    if (size === 0) return await skipTrailers(reader);
    yield* readLength(reader, size);
    if (await readLine(reader) !== "") throw malformed("a chunk is longer than its size");
  }
}

/** A line of at most {@link MAX_CHUNK_LINE_BYTES}, without its CRLF. */
async function readLine(reader: BufferedReader): Promise<string> {
  for (let searched = 0;;) {
    const bytes = reader.buffered.subarray(0, MAX_CHUNK_LINE_BYTES);
    const at = bytes.indexOf(10, searched);
    if (at >= 0) {
      const line = toLatin1(bytes.subarray(0, at));
      if (!line.endsWith("\r") || line.slice(0, -1).includes("\r")) {
        throw malformed("it has a line that does not end in CRLF");
      }
      reader.consume(at + 1);
      return line.slice(0, -1);
    }
    if (bytes.length >= MAX_CHUNK_LINE_BYTES) throw new Refusal("limit", "the size of an HTTP chunk is too long");
    searched = bytes.length;
    if (!await reader.fill()) throw malformed("it ends before its body does");
  }
}

/** Reads the trailer section; what is in it is dropped, as an intermediary may (RFC 9110, section 6.5.1). */
async function skipTrailers(reader: BufferedReader): Promise<void> {
  const lines: string[] = [];
  let bytes = 0;
  for (;;) {
    const line = await readLine(reader);
    if (line === "") break;
    bytes += line.length + 2;
    if (bytes > MAX_TRAILER_BYTES) throw new Refusal("limit", "an HTTP trailer is too long");
    lines.push(line);
  }
  parseFields(lines, MAX_TRAILER_LINES);
}
