/**
 * TLS's outer layer: records, and the handshake messages spread over them (RFC 8446, section 5.1).
 *
 * @module
 */
import { Refusal } from "../refusal.ts";

export const RECORD_TYPE = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

const HEADER_BYTES = 5;
/** 2^14, and what ciphers may add (TLS 1.2: 2,048). */
const MAX_FRAGMENT_BYTES = 16_384 + 2_048;
/** Of one handshake message: records of a byte each would make it dear to read. */
const MAX_RECORDS = 1_024;

export interface TlsRecord {
  readonly type: number;
  readonly fragment: Uint8Array;
  /** Header and fragment. */
  readonly bytes: number;
}

/** The record at the start of `bytes`, or undefined if more bytes are needed. */
export function readRecord(bytes: Uint8Array): TlsRecord | undefined {
  const type = bytes[0];
  if (type !== undefined && (type < 20 || type > 24)) throw refused("not a TLS record");
  if (bytes.length > 1 && bytes[1] !== 3) throw refused("not a TLS version");
  if (bytes.length < HEADER_BYTES) return undefined;
  const length = bytes[3]! << 8 | bytes[4]!;
  if (length > MAX_FRAGMENT_BYTES) throw refused("a record is too long");
  if (length === 0 && type !== RECORD_TYPE.applicationData) throw refused("a record is empty");
  if (bytes.length < HEADER_BYTES + length) return undefined;
  return {
    type: type!,
    fragment: bytes.subarray(HEADER_BYTES, HEADER_BYTES + length),
    bytes: HEADER_BYTES + length,
  };
}

/** A handshake message that may be spread over records. */
export interface HandshakeMessage {
  readonly type: number;
  readonly body: Uint8Array;
  /** The records that it took, whole: the next message starts with the record behind them. */
  readonly bytes: number;
}

/**
 * The handshake message at the start of `bytes`, or undefined if more are needed. Only this one message may be in its
 * records, which holds for what a client and a server say before anything is agreed.
 *
 * @throws {Refusal} `protocol` if it is none, or longer than `maxBytes`.
 */
export function readHandshake(bytes: Uint8Array, maxBytes: number): HandshakeMessage | undefined {
  const parts: Uint8Array[] = [];
  let at = 0;
  let got = 0;
  for (;;) {
    const total = got < 4 ? undefined : messageBytes(parts);
    if (total !== undefined && total > maxBytes) throw refused("a handshake message is too long");
    if (total !== undefined && got >= total) {
      if (got > total) throw refused("more than one message is in a record");
      const whole = concat(parts, got);
      return { type: whole[0]!, body: whole.subarray(4), bytes: at };
    }
    if (at > maxBytes || parts.length >= MAX_RECORDS) throw refused("a handshake message is in too many records");
    const record = readRecord(bytes.subarray(at));
    if (record === undefined) return undefined;
    if (record.type !== RECORD_TYPE.handshake) throw refused("a handshake was expected");
    parts.push(record.fragment);
    got += record.fragment.length;
    at += record.bytes;
  }
}

/** A fatal alert, in the clear, as it may stand before anything was agreed. 49: access_denied. */
export const ACCESS_DENIED_ALERT: Uint8Array = Uint8Array.of(RECORD_TYPE.alert, 3, 3, 0, 2, 2, 49);

function messageBytes(parts: readonly Uint8Array[]): number {
  const head = concat(parts, 4);
  return 4 + (head[1]! << 16 | head[2]! << 8 | head[3]!);
}

/** The first `length` bytes of the parts. */
function concat(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    if (at >= length) break;
    whole.set(part.subarray(0, length - at), at);
    at += part.length;
  }
  return whole;
}

function refused(why: string): Refusal {
  return new Refusal("protocol", `the TLS handshake is malformed: ${why}`);
}
