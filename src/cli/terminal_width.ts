/**
 * How wide a stream's terminal is.
 *
 * @module
 */
import type { Host } from "../host.ts";

const USUAL = 80;

/** Columns; Infinity where the stream is no terminal, so that programs get whole lines. */
export function columnsOf(host: Pick<Host, "terminals">, stream: "stdout" | "stderr"): number {
  if (!host.terminals[stream]) return Infinity;
  try {
    return Deno.consoleSize().columns || USUAL; // a terminal that does not know its size says 0
  } catch {
    return USUAL;
  }
}
