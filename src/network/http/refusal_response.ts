import { printable } from "../../errors.ts";
import type { Refusal } from "../refusal.ts";
import { renderHead } from "./head.ts";

const STATUS = {
  rule: "403 Forbidden",
  address: "403 Forbidden",
  mismatch: "403 Forbidden",
  name: "400 Bad Request",
  protocol: "400 Bad Request",
  limit: "408 Request Timeout",
  unreachable: "502 Bad Gateway",
} as const;

/** The whole response to a request that is not done, with its reason in one line; the connection ends after it. */
export function refusalResponse(refusal: Refusal): Uint8Array {
  const why = refusal.remedy === undefined ? refusal.message : `${refusal.message}; ${refusal.remedy}`;
  const body = new TextEncoder().encode(`silo: ${printable(why).replaceAll(/[\n\t]/g, "\ufffd")}\n`);
  const head = renderHead(`HTTP/1.1 ${STATUS[refusal.kind]}`, [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(body.length)],
    ["X-Silo-Refusal", refusal.kind],
    ["Connection", "close"],
  ]);
  const response = new Uint8Array(head.length + body.length);
  response.set(head);
  response.set(body, head.length);
  return response;
}
