/**
 * Heads as they are passed on. Both are written anew from what was understood, so that the other side cannot understand
 * anything else. Pure.
 *
 * @module
 */
import type { UpstreamProxy } from "../dial/upstream_proxy.ts";
import { type Framing, framingOf, keepsOpen } from "./body.ts";
import { type Field, membersOf, renderHead, type RequestHead, type ResponseHead, valuesOf } from "./head.ts";
import { hostField, type HttpTarget } from "./target.ts";

/** Fields that are for one connection alone (RFC 9110, section 7.6.1), and those that are written anew. */
const DROPPED = new Set([
  "connection",
  "content-length",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Whether the request asks for a protocol that is passed on: WebSocket, nothing else. An upgrade to HTTP/2 would hide
 * the requests after it.
 */
export function asksForWebSocket(head: RequestHead): boolean {
  const upgrades = membersOf(head.fields, "upgrade");
  const hasBody = framingOf(head.fields, head.minor).kind !== "none";
  return head.method === "GET" && head.minor === 1 && !hasBody &&
    membersOf(head.fields, "connection").includes("upgrade") &&
    upgrades.length === 1 && upgrades[0] === "websocket";
}

/** The request as the origin gets it, or `proxy` if one stands before it. */
export function forwardedRequest(
  head: RequestHead,
  target: HttpTarget,
  framing: Framing,
  proxy: UpstreamProxy | undefined,
): Uint8Array {
  const fields: Field[] = [["Host", hostField(target)], ...endToEnd(head.fields), ...framingFields(framing)];
  if (asksForWebSocket(head)) fields.push(["Connection", "Upgrade"], ["Upgrade", "websocket"]);
  else if (!keepsOpen(head.fields, head.minor)) fields.push(["Connection", "close"]);
  if (proxy?.authorization !== undefined) fields.push(["Proxy-Authorization", proxy.authorization]);
  const path = target.path === "*" && proxy !== undefined ? "" : target.path;
  const url = proxy === undefined ? path : `http://${hostField(target)}${path}`;
  return renderHead(`${head.method} ${url} HTTP/1.1`, fields);
}

/** The final response as the client gets it; `stays` says whether the connection does. */
export function forwardedResponse(head: ResponseHead, framing: Framing, stays: boolean): Uint8Array {
  const fields: Field[] = [...endToEnd(head.fields), ...framingFields(framing)];
  if (framing.kind === "none") {
    // HEAD and 304 say how long the body would be.
    const length = valuesOf(head.fields, "content-length")[0];
    if (length !== undefined && /^\d{1,15}$/.test(length) && head.status !== 204) {
      fields.push(["Content-Length", length]);
    }
  }
  if (!stays) fields.push(["Connection", "close"]);
  return renderHead(`HTTP/1.1 ${head.status} ${head.reason}`, fields);
}

/** What tells a client to send the body that it asked about. */
export const PROCEED: Uint8Array = renderHead("HTTP/1.1 100 Continue", []);

/** A response before the final one: 100 (Continue), 103 (Early Hints), or 101 with which the protocol changes. */
export function forwardedInterim(head: ResponseHead): Uint8Array {
  const fields: Field[] = [...endToEnd(head.fields)];
  if (head.status === 101) fields.push(["Connection", "Upgrade"], ["Upgrade", "websocket"]);
  return renderHead(`HTTP/1.1 ${head.status} ${head.reason}`, fields);
}

function endToEnd(fields: readonly Field[]): Field[] {
  const named = new Set(membersOf(fields, "connection"));
  return fields.filter(([name]) => !DROPPED.has(name.toLowerCase()) && !named.has(name.toLowerCase()));
}

function framingFields(framing: Framing): Field[] {
  if (framing.kind === "length") return [["Content-Length", String(framing.bytes)]];
  if (framing.kind === "chunked") return [["Transfer-Encoding", "chunked"]];
  return [];
}
