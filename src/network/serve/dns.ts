import { answerQuery } from "../dns/answer.ts";
import { deadline } from "../io/deadline.ts";
import { writeAll } from "../io/duplex.ts";
import { Refusal } from "../refusal.ts";
import type { GuestStream } from "./guest_stream.ts";

/** A query is one name and some options; what is longer is none. */
const MAX_QUERY_BYTES = 4_096;

/**
 * Answers DNS messages, each with its length in two bytes before it (RFC 1035, section 4.2.2), in the order they came.
 *
 * @throws {Refusal} `limit` for one that is too long or too slow.
 */
export async function serveDns({ client: { reader, stream }, services }: GuestStream): Promise<void> {
  const { policy, pool, ledger, limits } = services;
  const more = async (count: number) => {
    while (reader.buffered.length < count) if (!await reader.fill()) return false;
    return true;
  };
  while (reader.buffered.length > 0 || await reader.fill()) {
    if (!await deadline(more(2), limits.headMs, "a DNS query")) return;
    const length = reader.buffered[0]! << 8 | reader.buffered[1]!;
    if (length > MAX_QUERY_BYTES) throw new Refusal("limit", `a DNS query is longer than ${MAX_QUERY_BYTES} bytes`);
    if (!await deadline(more(2 + length), limits.headMs, "a DNS query")) return;
    const { message, refused } = answerQuery(reader.buffered.slice(2, 2 + length), policy, pool);
    reader.consume(2 + length);
    if (refused !== undefined) {
      ledger.deny(
        { host: refused, port: null, via: "dns" },
        new Refusal("rule", `host ${refused} is not allowed`, { remedy: `silo config network allow ${refused}` }),
      );
    }
    if (message === undefined) return;
    const framed = new Uint8Array(2 + message.length);
    framed.set([message.length >> 8, message.length & 0xff]);
    framed.set(message, 2);
    await writeAll(stream, framed);
  }
}
