/**
 * Tells by its first bytes what a client speaks.
 *
 * @module
 */
import { toLatin1 } from "../http/head.ts";

/** `more`: it takes more bytes to tell. */
export type Speech = "tls" | "http" | "raw" | "more";

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "QUERY"].concat(
  ["PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "MKCALENDAR", "PURGE"],
);
const MAX_LINE_BYTES = 8_192;

/**
 * What begins with `bytes`. HTTP/2 without TLS is `raw`: its requests each name a host, and nobody here could check
 * that. `rawIsFine` says that anything may be spoken, so that what looks like HTTP counts as HTTP only if its first
 * line says so (RTSP and SIP do not).
 */
export function sniff(bytes: Uint8Array, rawIsFine: boolean): Speech {
  if (bytes.length === 0) return "more";
  if (bytes[0] === 0x16) return bytes.length === 1 ? "more" : bytes[1] === 3 ? "tls" : "raw";
  const text = toLatin1(bytes.subarray(0, MAX_LINE_BYTES));
  const method = METHODS.find((known) => text.startsWith(`${known} `));
  if (method === undefined) return METHODS.some((known) => `${known} `.startsWith(text)) ? "more" : "raw";
  if (!rawIsFine) return "http";
  const end = text.indexOf("\n");
  if (end < 0) return text.length < MAX_LINE_BYTES ? "more" : "raw";
  return / HTTP\/1\.\d\r?$/.test(text.slice(0, end)) ? "http" : "raw";
}
