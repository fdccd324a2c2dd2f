import type { BufferedReader } from "../io/buffered_reader.ts";
import { deadline } from "../io/deadline.ts";
import type { Limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import { findHeadEnd, malformed } from "./head.ts";

/**
 * Reads the head of a message, whole, and consumes it; null if the stream ends before its first byte. The first byte
 * may take `firstMs`, all of the rest `headMs`.
 *
 * @throws {Refusal}
 */
export async function readHead(
  reader: BufferedReader,
  limits: Pick<Limits, "headBytes" | "headMs">,
  firstMs: number,
): Promise<Uint8Array | null> {
  if (reader.buffered.length === 0 && !await deadline(reader.fill(), firstMs, "waiting for an HTTP message")) {
    return null;
  }
  return await deadline(readWhole(reader, limits.headBytes), limits.headMs, "an HTTP head");
}

async function readWhole(reader: BufferedReader, maxBytes: number): Promise<Uint8Array> {
  for (let searched = 0;;) {
    const bytes = reader.buffered.subarray(0, maxBytes);
    const end = findHeadEnd(bytes, searched);
    if (end !== undefined) {
      reader.consume(end);
      return bytes.slice(0, end);
    }
    if (bytes.length >= maxBytes) throw new Refusal("limit", `an HTTP head is longer than ${maxBytes} bytes`);
    searched = bytes.length;
    if (!await reader.fill()) throw malformed("it ends before its head does");
  }
}
