/**
 * DNS messages (RFC 1035, section 4.1), as much of them as a stub resolver's question and our answer need.
 *
 * @module
 */
import { Refusal } from "../refusal.ts";
import { ByteCursor } from "../io/byte_cursor.ts";

export const TYPE = { A: 1, AAAA: 28, OPT: 41 } as const;
export const RCODE = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
} as const;

const CLASS_IN = 1;
const HEADER_BYTES = 12;
const MAX_NAME_BYTES = 255;
/** What a stub may send over UDP that passes everywhere (DNS flag day 2020). */
const UDP_PAYLOAD_BYTES = 1_232;

export interface Query {
  readonly id: number;
  readonly recursionDesired: boolean;
  /** Each a label's bytes as text, one character a byte. */
  readonly labels: readonly string[];
  readonly type: number;
  readonly isInternet: boolean;
  /** The question as it stood in the message. */
  readonly question: Uint8Array;
  /** The query has an OPT record, so the answer must (RFC 6891, section 7). */
  readonly extended: boolean;
}

/**
 * Reads a query: one question, nothing else but an OPT record.
 *
 * @throws {Refusal} `protocol`.
 */
export function parseQuery(bytes: Uint8Array): Query {
  const cursor = new ByteCursor(bytes, "DNS query");
  const id = cursor.uint(2);
  const flags = cursor.uint(2);
  const [questions, answers, authorities, additional] = [
    cursor.uint(2),
    cursor.uint(2),
    cursor.uint(2),
    cursor.uint(2),
  ];
  if ((flags & 0xf800) !== 0) throw malformed("it is no plain query");
  if (questions !== 1 || answers !== 0 || authorities !== 0 || additional! > 1) throw malformed("it has odd sections");
  const labels = readName(cursor);
  const type = cursor.uint(2);
  const dnsClass = cursor.uint(2);
  const question = bytes.subarray(HEADER_BYTES, bytes.length - cursor.left);
  if (additional === 1) readOpt(cursor);
  cursor.finish();
  return {
    id,
    recursionDesired: (flags & 0x0100) !== 0,
    labels,
    type,
    isInternet: dnsClass === CLASS_IN,
    question,
    extended: additional === 1,
  };
}

/** An answer: with `address` (four numbers) one A record, else none. `ttl` in seconds. */
export function renderAnswer(query: Query, rcode: number, address: string | undefined, ttl = 60): Uint8Array {
  const bytes = [
    ...uint16(query.id),
    // QR, AA, RD as it was asked, RA: nobody has to look further.
    ...uint16(0x8480 | (query.recursionDesired ? 0x0100 : 0) | rcode),
    ...uint16(1),
    ...uint16(address === undefined ? 0 : 1),
    ...uint16(0),
    ...uint16(query.extended ? 1 : 0),
    ...query.question,
  ];
  if (address !== undefined) {
    // The name is a pointer to the one in the question.
    bytes.push(0xc0, HEADER_BYTES, ...uint16(TYPE.A), ...uint16(CLASS_IN), ...uint16(0), ...uint16(ttl), ...uint16(4));
    bytes.push(...address.split(".").map(Number));
  }
  if (query.extended) bytes.push(0, ...uint16(TYPE.OPT), ...uint16(UDP_PAYLOAD_BYTES), 0, 0, 0, 0, 0, 0);
  return Uint8Array.from(bytes);
}

/** The answer to bytes that are no query: only their number is known. Undefined if they have none, or are an answer. */
export function renderFormatError(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < HEADER_BYTES || (bytes[2]! & 0x80) !== 0) return undefined;
  // Another kind of message than a query (update, notify) is told so.
  const rcode = (bytes[2]! & 0x78) === 0 ? RCODE.formatError : RCODE.notImplemented;
  return Uint8Array.of(bytes[0]!, bytes[1]!, 0x80 | (bytes[2]! & 0x79), rcode, 0, 0, 0, 0, 0, 0, 0, 0);
}

/** A name without compression, which a question has no use for. */
function readName(cursor: ByteCursor): string[] {
  const labels: string[] = [];
  let bytes = 1;
  for (;;) {
    const length = cursor.uint(1);
    if (length === 0) return labels;
    if (length > 63) throw malformed("its name has a pointer or a label of unknown kind");
    bytes += length + 1;
    if (bytes > MAX_NAME_BYTES) throw malformed("its name is too long");
    labels.push(String.fromCharCode(...cursor.take(length)));
  }
}

function readOpt(cursor: ByteCursor): void {
  if (cursor.uint(1) !== 0 || cursor.uint(2) !== TYPE.OPT) throw malformed("it has a record that is not OPT");
  cursor.take(2 + 4);
  cursor.vector(2);
}

function uint16(value: number): [number, number] {
  return [value >> 8 & 0xff, value & 0xff];
}

function malformed(why: string): Refusal {
  return new Refusal("protocol", `the DNS query is malformed: ${why}`);
}
