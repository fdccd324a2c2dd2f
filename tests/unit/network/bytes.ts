/** Makes streams and bytes for the tests of parsers. */
import fc from "fast-check";
import { BufferedReader } from "../../../src/network/io/buffered_reader.ts";
import type { Duplex } from "../../../src/network/io/duplex.ts";

/** One byte a character. */
export const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
export const asText = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** A stream that gives the pieces one read each and then ends, and keeps what is written. */
export class ScriptedStream implements Duplex {
  readonly #pieces: Uint8Array[];
  written = "";
  ended = false;
  closed = false;

  constructor(...pieces: (string | Uint8Array)[]) {
    this.#pieces = pieces.map((piece) => typeof piece === "string" ? latin1(piece) : piece);
  }

  read(buffer: Uint8Array): Promise<number | null> {
    const piece = this.#pieces.shift();
    if (piece === undefined) return Promise.resolve(null);
    buffer.set(piece.subarray(0, buffer.length));
    if (piece.length > buffer.length) this.#pieces.unshift(piece.subarray(buffer.length));
    return Promise.resolve(Math.min(piece.length, buffer.length));
  }

  write(data: Uint8Array): Promise<number> {
    // A part at a time, as sockets may.
    const part = data.subarray(0, 1 + data.length / 2);
    this.written += asText(part);
    return Promise.resolve(part.length);
  }

  closeWrite(): Promise<void> {
    this.ended = true;
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }
}

export const readerOf = (...pieces: (string | Uint8Array)[]) => new BufferedReader(new ScriptedStream(...pieces));

/** Cuts bytes where `cuts` says. */
export function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.slice(at[index - 1] ?? 0, end)).filter((piece) =>
    piece.length > 0
  );
}

/** Valid bytes with a few bytes changed, cut out, doubled or added: what a fuzzer would send. */
export function mutated(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(), fc.constantFrom("set", "cut", "double", "insert", "end"), fc.nat(255), fc.nat(16));
  return fc.tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 6 })).map(([seed, changes]) => {
    let bytes = [...seed];
    for (const [where, how, value, count] of changes) {
      const at = where % (bytes.length + 1);
      if (how === "set") bytes[at] = value;
      else if (how === "cut") bytes.splice(at, count);
      else if (how === "double") bytes.splice(at, 0, ...bytes.slice(at, at + count));
      else if (how === "insert") bytes.splice(at, 0, ...Array(count).fill(value));
      else bytes = bytes.slice(0, at);
    }
    return Uint8Array.from(bytes);
  });
}
