/**
 * A question with yes or no, on a terminal.
 *
 * @module
 */
import { printable } from "../errors.ts";
import { writeAll } from "./output.ts";

/** Asks; only a plain yes counts. */
export function askYes(question: string): boolean {
  writeAll(Deno.stderr, `${printable(question)} [y/N] `);
  return /^y(es)?$/i.test(readLine().trim());
}

/** One line of stdin, byte by byte: what follows it belongs to others. */
export function readLine(): string {
  const bytes: number[] = [];
  const byte = new Uint8Array(1);
  while (Deno.stdin.readSync(byte) === 1 && byte[0] !== 10 && bytes.length < 1_000) bytes.push(byte[0]!);
  return new TextDecoder().decode(new Uint8Array(bytes));
}
