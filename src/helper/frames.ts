/**
 * `Content-Length` framing, as the Language Server Protocol's base protocol has it: a header, an empty line, so many
 * bytes of JSON.
 *
 * @module
 */

const MAX_HEADER_BYTES = 4_096;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** A message of JSON with its header. */
export function encodeFrame(message: unknown): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const header = new TextEncoder().encode(`Content-Length: ${body.length}\r\n\r\n`);
  const frame = new Uint8Array(header.length + body.length);
  frame.set(header);
  frame.set(body, header.length);
  return frame;
}

/** Takes frames out of a stream of bytes, however it is cut into chunks. */
export class FrameDecoder {
  #buffer = new Uint8Array(0);
  /** Length of the body that is awaited, or -1 while a header is. */
  #bodyLength = -1;

  /**
   * Adds bytes and returns the messages that are whole now.
   *
   * @throws {Error} if the bytes are no frames. The decoder is of no use afterwards.
   */
  push(chunk: Uint8Array): unknown[] {
    const joined = new Uint8Array(this.#buffer.length + chunk.length);
    joined.set(this.#buffer);
    joined.set(chunk, this.#buffer.length);
    this.#buffer = joined;
    const messages: unknown[] = [];
    while (true) {
      if (this.#bodyLength < 0 && !this.#readHeader()) return messages;
      if (this.#buffer.length < this.#bodyLength) return messages;
      const body = this.#buffer.subarray(0, this.#bodyLength);
      messages.push(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
      this.#buffer = this.#buffer.subarray(this.#bodyLength);
      this.#bodyLength = -1;
    }
  }

  #readHeader(): boolean {
    const end = endOfHeader(this.#buffer);
    if (end < 0) {
      if (this.#buffer.length > MAX_HEADER_BYTES) throw new Error("a frame's header is too long");
      return false;
    }
    const header = new TextDecoder("latin1").decode(this.#buffer.subarray(0, end));
    const length = Number(/^content-length:[ \t]*(\d{1,10})[ \t]*$/im.exec(header)?.[1] ?? NaN);
    if (!Number.isInteger(length)) throw new Error("a frame has no Content-Length");
    if (length > MAX_BODY_BYTES) throw new Error(`a frame of ${length} bytes is too long`);
    this.#buffer = this.#buffer.subarray(end + 4);
    this.#bodyLength = length;
    return true;
  }
}

/** Where the empty line begins that ends a header, or -1. */
function endOfHeader(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(13); at >= 0 && at + 3 < bytes.length; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  return -1;
}
