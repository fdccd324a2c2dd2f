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

/** Takes a stream that belongs to no program: its header as it was parsed, and the bytes behind it. */
export type TakeOtherStream = (connection: Deno.Conn, header: OtherHeader, first: Uint8Array) => void;

/** Listens in the run directory, which nobody but its owner can enter. */
export class DataSocket {
  readonly path: string;
  readonly #listener: Deno.UnixListener;
  /** By process and stream. */
  readonly #streams = new Map<string, PromiseWithResolvers<DataStream>>();

  readonly #takeOther: TakeOtherStream | undefined;

  /** `takeOther`: absent, such streams are closed. */
  constructor(path: string, takeOther?: TakeOtherStream) {
    this.path = path;
    this.#takeOther = takeOther;
    this.#listener = Deno.listen({ transport: "unix", path });
    this.#acceptAll();
  }

  /** A process's stream, once the helper has dialled it. Never rejects; stays pending if it never does. */
  stream(name: StreamName, process = 1): Promise<DataStream> {
    return this.#entry(`${process} ${name}`).promise;
  }

  /** Takes no more connections; those there are stay. */
  close(): void {
    try {
      this.#listener.close();
    } catch { /* closed before */ }
  }

  #entry(key: string): PromiseWithResolvers<DataStream> {
    let entry = this.#streams.get(key);
    if (entry === undefined) this.#streams.set(key, entry = Promise.withResolvers<DataStream>());
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
    const { parsed, rest } = header;
    if ("process" in parsed) {
      return this.#entry(`${parsed.process} ${parsed.stream}`).resolve({ connection, first: rest });
    }
    if (this.#takeOther === undefined) return connection.close();
    this.#takeOther(connection, parsed, rest);
  }
}

/** Of a stream of a program that we started. */
interface ProgramHeader {
  readonly process: number;
  readonly stream: StreamName;
}

/** Of a stream of no program; whoever takes it checks the rest. */
export interface OtherHeader {
  /** The guest opened the first two; `port` leads to a port of it. */
  readonly stream: "egress" | "agent" | "port";
  readonly id?: unknown;
}

const OTHERS: readonly string[] = ["egress", "agent", "port"] satisfies OtherHeader["stream"][];

type Header = ProgramHeader | OtherHeader;

async function readHeader(connection: Deno.Conn): Promise<{ parsed: Header; rest: Uint8Array } | undefined> {
  const buffer = new Uint8Array(MAX_HEADER_BYTES);
  let length = 0;
  while (length < buffer.length) {
    const count = await connection.read(buffer.subarray(length));
    if (count === null) return undefined;
    length += count;
    const end = buffer.subarray(0, length).indexOf(10);
    if (end < 0) continue;
    const parsed = parseHeader(new TextDecoder().decode(buffer.subarray(0, end)));
    return parsed && { parsed, rest: buffer.slice(end + 1, length) };
  }
  return undefined;
}

/** What a header says; undefined if it is none of ours. */
export function parseHeader(line: string): Header | undefined {
  try {
    const header = JSON.parse(line);
    if (header.process === undefined && OTHERS.includes(header.stream)) return header;
    const stream = (["stdin", "stdout", "stderr", "terminal"] as const).find((name) => name === header.stream);
    return Number.isInteger(header.process) && stream ? { process: header.process, stream } : undefined;
  } catch {
    return undefined;
  }
}
