/**
 * The few parts of DER (ITU-T X.690) that certificates are made of. Writing only.
 *
 * @module
 */
import { concatenate } from "../../concatenate.ts";

/** Universal tags; a constructed value has {@link CONSTRUCTED} set. */
const CONSTRUCTED = 0x20;
const CONTEXT = 0x80;

export function sequence(...items: Uint8Array[]): Uint8Array {
  return tagged(0x10 | CONSTRUCTED, ...items);
}

export function set(...items: Uint8Array[]): Uint8Array {
  return tagged(0x11 | CONSTRUCTED, ...items);
}

/** A value of a tag that means something where it stands: `[number]`. */
export function context(number: number, constructed: boolean, ...items: Uint8Array[]): Uint8Array {
  return tagged(CONTEXT | (constructed ? CONSTRUCTED : 0) | number, ...items);
}

/** An integer that is not negative, its bytes in big-endian order. */
export function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  // The first bit is the sign.
  return tagged(0x02, digits[0]! >= 0x80 ? concatenate([Uint8Array.of(0), digits]) : digits);
}

export function boolean(value: boolean): Uint8Array {
  return tagged(0x01, Uint8Array.of(value ? 0xff : 0));
}

export function octets(...items: Uint8Array[]): Uint8Array {
  return tagged(0x04, ...items);
}

/** A bit string; `unused` is the number of bits of the last byte that do not count. */
export function bits(bytes: Uint8Array, unused = 0): Uint8Array {
  return tagged(0x03, Uint8Array.of(unused), bytes);
}

/** An object identifier in its dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  const bytes: number[] = [];
  for (const arc of [first! * 40 + second!, ...rest]) {
    const digits = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift(left & 0x7f | 0x80);
    bytes.push(...digits);
  }
  return tagged(0x06, Uint8Array.from(bytes));
}

export function utf8(text: string): Uint8Array {
  return tagged(0x0c, new TextEncoder().encode(text));
}

/** A time as certificates have it: UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280, section 4.1.2.5). */
export function time(milliseconds: number): Uint8Array {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  const short = Number(digits.slice(0, 4)) < 2050;
  return tagged(short ? 0x17 : 0x18, new TextEncoder().encode(short ? digits.slice(2) : digits));
}

function tagged(tag: number, ...items: Uint8Array[]): Uint8Array {
  const content = concatenate(items);
  return concatenate([Uint8Array.of(tag, ...lengthBytes(content.length)), content]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left >>>= 8) bytes.unshift(left & 0xff);
  return [0x80 | bytes.length, ...bytes];
}
