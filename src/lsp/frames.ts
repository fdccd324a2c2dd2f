/**
 * The protocol's base layer: `Content-Length` framing, strictly. Our own and not vscode-jsonrpc's, because that one parses
 * every message, keeps none of the bytes as they came, and takes whatever length is announced.
 *
 * @module
 */
import { concatenate } from "../concatenate.ts";
import { MAX_HEADER_BYTES, MAX_MESSAGE_BYTES } from "./limits.ts";

/** The bytes are no messages. */
export class MalformedFrame extends Error {
  override readonly name = "MalformedFrame";
}

const encoder = new TextEncoder();
/** Above this, two writes cost less than a copy. */
const LARGE_BYTES = 64 * 1024;

/** A message with its header. */
export function frame(body: Uint8Array): Uint8Array {
  return concatenate([encoder.encode(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

/**
 * A message that comes in parts, framed: in one piece if it is small, since two writes cost more than a copy; else what
 * is large is not copied for the sake of its header.
 */
export function frameParts(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const framed: Uint8Array[] = [];
  let small: Uint8Array[] = [encoder.encode(`Content-Length: ${length}\r\n\r\n`)];
  for (const part of parts) {
    if (part.length < LARGE_BYTES) {
      small.push(part);
      continue;
    }
    if (small.length > 0) framed.push(concatenate(small));
    framed.push(part);
    small = [];
  }
  if (small.length > 0) framed.push(concatenate(small));
  return framed;
}

/** Takes messages out of a stream of bytes, however it is cut into chunks. Each byte is copied once. */
export class FrameReader {
  #header = new Uint8Array(MAX_HEADER_BYTES);
  #headerLength = 0;
  #body: Uint8Array | undefined;
  #bodyLength = 0;

  /**
   * Adds bytes and returns the messages that are whole now.
   *
   * @throws {MalformedFrame} if the bytes are no messages. The reader is of no use afterwards.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const messages: Uint8Array[] = [];
    for (let at = 0; at < chunk.length || this.#isWhole();) {
      if (this.#body === undefined) at += this.#takeHeader(chunk.subarray(at));
      else {
        const part = chunk.subarray(at, at + this.#body.length - this.#bodyLength);
        this.#body.set(part, this.#bodyLength);
        this.#bodyLength += part.length;
        at += part.length;
        if (this.#isWhole()) {
          messages.push(this.#body);
          this.#body = undefined;
        }
      }
    }
    return messages;
  }

  /** Whether nothing of a message is waiting for its rest. */
  get atBoundary(): boolean {
    return this.#body === undefined && this.#headerLength === 0;
  }

  #isWhole(): boolean {
    return this.#body !== undefined && this.#bodyLength === this.#body.length;
  }

  /** Returns how many bytes were the header's. */
  #takeHeader(bytes: Uint8Array): number {
    const header = this.#header;
    for (let at = 0; at < bytes.length; at++) {
      if (this.#headerLength === header.length) throw new MalformedFrame(described(header));
      const length = ++this.#headerLength;
      header[length - 1] = bytes[at]!;
      if (bytes[at] !== 10 || length < 4 || header[length - 2] !== 13 || header[length - 3] !== 10) continue;
      this.#body = new Uint8Array(bodyLength(header.subarray(0, length - 4)));
      this.#bodyLength = 0;
      this.#headerLength = 0;
      return at + 1;
    }
    // What is no header is told at once, and not when there is enough of it.
    const newline = header.subarray(0, this.#headerLength).indexOf(10);
    if (newline >= 0 && !FIELD.test(latin1(header.subarray(0, newline + 1)))) {
      throw new MalformedFrame(described(header.subarray(0, newline)));
    }
    return bytes.length;
  }
}

const FIELD = /^[A-Za-z-]+:[^\r\n]*\r\n$/;

function bodyLength(header: Uint8Array): number {
  let length: number | undefined;
  for (const line of latin1(header).split("\r\n")) {
    const [, name, value] = /^([A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) throw new MalformedFrame(described(header));
    if (/^content-type$/i.test(name) && /charset=(?!"?utf-?8"?)/i.test(value!)) {
      throw new MalformedFrame("it is in another encoding than UTF-8");
    }
    if (!/^content-length$/i.test(name)) continue;
    if (length !== undefined) throw new MalformedFrame("it has two lengths");
    if (!/^\d{1,12}$/.test(value!)) throw new MalformedFrame("its length is no number");
    length = Number(value);
  }
  if (length === undefined) throw new MalformedFrame("it has no Content-Length");
  if (length > MAX_MESSAGE_BYTES) {
    throw new MalformedFrame(`it has ${length} bytes; at most ${MAX_MESSAGE_BYTES} are allowed`);
  }
  return length;
}

/** What came instead of a header, or its beginning. */
function described(bytes: Uint8Array): string {
  const text = latin1(bytes.subarray(0, 80)).trim();
  return `it begins with ${JSON.stringify(text)}`;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
