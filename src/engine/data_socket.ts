/**
 * The socket that the helper dials, one connection a stream: docs/protocol.md, "Data socket".
 *
 * @module
 */
import { within } from "../within.ts";

const MAX_HEADER_BYTES = 4_096;
const HEADER_LIMIT_MS = 10_000;

export type StreamName = "stdin" | "stdout" | "stderr" | "terminal";

/** A connection whose header has been read. */
export interface DataStream {
  readonly connection: Deno.Conn;
  /** Bytes that came right behind the header. */
  readonly first: Uint8Array;
}

/** Listens in the run directory, which nobody but its owner can enter. */
export class DataSocket {
  readonly path: string;
  readonly #listener: Deno.UnixListener;
  readonly #streams = new Map<StreamName, PromiseWithResolvers<DataStream>>();

  constructor(path: string) {
    this.path = path;
    this.#listener = Deno.listen({ transport: "unix", path });
    this.#acceptAll();
  }

  /** The stream of that name, once the helper has dialled it. Never rejects; stays pending if it never does. */
  stream(name: StreamName): Promise<DataStream> {
    return this.#entry(name).promise;
  }

  /** Takes no more connections; those there are stay. */
  close(): void {
    try {
      this.#listener.close();
    } catch { /* closed before */ }
  }

  #entry(name: StreamName): PromiseWithResolvers<DataStream> {
    let entry = this.#streams.get(name);
    if (entry === undefined) this.#streams.set(name, entry = Promise.withResolvers<DataStream>());
    return entry;
  }

  async #acceptAll(): Promise<void> {
    try {
      for await (const connection of this.#listener) this.#greet(connection);
    } catch { /* the listener was closed */ }
  }

  async #greet(connection: Deno.Conn): Promise<void> {
    const header = await within(readHeader(connection).catch(() => undefined), HEADER_LIMIT_MS);
    if (header === undefined) return connection.close();
    this.#entry(header.stream).resolve({ connection, first: header.rest });
  }
}

async function readHeader(connection: Deno.Conn): Promise<{ stream: StreamName; rest: Uint8Array } | undefined> {
  const buffer = new Uint8Array(MAX_HEADER_BYTES);
  let length = 0;
  while (length < buffer.length) {
    const count = await connection.read(buffer.subarray(length));
    if (count === null) return undefined;
    length += count;
    const end = buffer.subarray(0, length).indexOf(10);
    if (end < 0) continue;
    const stream = parseHeader(new TextDecoder().decode(buffer.subarray(0, end)));
    return stream && { stream, rest: buffer.slice(end + 1, length) };
  }
  return undefined;
}

/** The stream that a header names; undefined if it is none of ours. */
export function parseHeader(line: string): StreamName | undefined {
  try {
    const header = JSON.parse(line);
    if (header.process !== 1) return undefined;
    return (["stdin", "stdout", "stderr", "terminal"] as const).find((name) => name === header.stream);
  } catch {
    return undefined;
  }
}
