/**
 * Lines of JSON on a connection, with what comes behind a line left to the caller.
 *
 * @module
 */

/** A command line of Linux has 2 MiB at most. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

export class LineReader {
  #rest = new Uint8Array(0);

  constructor(private readonly connection: Deno.Conn) {}

  /** The next line; undefined at the end, or if it is too long. */
  async line(): Promise<string | undefined> {
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) {
        const line = new TextDecoder().decode(this.#rest.subarray(0, end));
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      if (this.#rest.length > MAX_LINE_BYTES) return undefined;
      const count = await this.connection.read(buffer).catch(() => null);
      if (count === null) return undefined;
      const joined = new Uint8Array(this.#rest.length + count);
      joined.set(this.#rest);
      joined.set(buffer.subarray(0, count), this.#rest.length);
      this.#rest = joined;
    }
  }

  /** What was read behind the last line. */
  rest(): Uint8Array {
    return this.#rest;
  }
}

/** Writes one message as a line. Never throws: a peer that is gone needs none. */
export async function sendLine(connection: Deno.Conn, message: unknown): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
  try {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  } catch { /* it is gone */ }
}
