/**
 * Who is asked for consent.
 *
 * @module
 */
import type { AskTrust } from "../config/trust.ts";
import type { Host } from "../host.ts";

/** Somebody can be asked only where both what we say and what is typed go over a terminal. Loads nothing until then. */
export function asker(host: Host): AskTrust | undefined {
  if (!host.terminals.stdin || !host.terminals.stderr) return undefined;
  return async (question) => (await import("./ask_trust.ts")).askTrust(host, question);
}
