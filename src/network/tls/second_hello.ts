/**
 * A server may ask for a second ClientHello (HelloRetryRequest, RFC 8446, section 4.1.4), and some serve the name in
 * that one. So the client's bytes behind its first hello wait until the server has answered it, which it does without
 * them, and a second hello is checked as the first was.
 *
 * @module
 */
import type { BufferedReader } from "../io/buffered_reader.ts";
import { readHandshake, readRecord, RECORD_TYPE } from "./records.ts";

const SERVER_HELLO = 2;
/** SHA-256 of "HelloRetryRequest": the random of a ServerHello that is one. */
const RETRY_RANDOM = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
/** A ServerHello fits, however it is cut into records. */
const MAX_SERVER_HELLO_BYTES = 65_536;

/** Whether the server's first message, which stays in the reader, asks for a second ClientHello. */
export async function wantsSecondHello(server: BufferedReader): Promise<boolean> {
  for (;;) {
    const bytes = server.buffered;
    if (bytes.length > 0 && bytes[0] !== RECORD_TYPE.handshake) return false;
    const random = serverRandom(bytes);
    if (random !== undefined) return random === RETRY_RANDOM;
    if (bytes.length > MAX_SERVER_HELLO_BYTES || !await server.fill()) return false;
  }
}

/**
 * The client's second hello, without consuming it; undefined if the client gave up. Early data and the empty record of
 * middlebox compatibility may stand before it (RFC 8446, appendix D.4): `bytes` counts them in.
 *
 * @throws {import("../refusal.ts").Refusal} `protocol`.
 */
export async function readSecondHello(
  client: BufferedReader,
  maxBytes: number,
): Promise<{ type: number; body: Uint8Array; bytes: number } | undefined> {
  for (;;) {
    let at = 0;
    let record;
    // Records before the hello are counted every time anew: they stay in the reader, which bounds them.
    while ((record = readRecord(client.buffered.subarray(at))) && record.type !== RECORD_TYPE.handshake) {
      if (record.type === RECORD_TYPE.alert) return undefined;
      at += record.bytes;
    }
    const message = readHandshake(client.buffered.subarray(at), maxBytes);
    if (message !== undefined) return { ...message, bytes: at + message.bytes };
    if (client.buffered.length > 2 * maxBytes || !await client.fill()) return undefined;
  }
}

/** The random of a ServerHello as hex; "" if the message is another; undefined if more bytes are needed. */
function serverRandom(bytes: Uint8Array): string | undefined {
  const head = new Uint8Array(4 + 2 + 32);
  let got = 0;
  let at = 0;
  while (got < head.length) {
    const header = bytes.subarray(at, at + 5);
    if (header.length < 5) return undefined;
    if (header[0] !== RECORD_TYPE.handshake || header[1] !== 3) return "";
    const length = header[3]! << 8 | header[4]!;
    const part = bytes.subarray(at + 5, at + 5 + length).subarray(0, head.length - got);
    head.set(part, got);
    got += part.length;
    if (got > 0 && head[0] !== SERVER_HELLO) return "";
    at += 5 + length;
  }
  return Array.from(head.subarray(6), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
