/**
 * Paths for a person.
 *
 * @module
 */
import { printable } from "../errors.ts";
import type { Host } from "../host.ts";

/** With `~` in the home's place, in one line and free of control characters. */
export function tilde(host: Pick<Host, "home">, path: string): string {
  const short = path.startsWith(`${host.home}/`) ? `~${path.slice(host.home.length)}` : path;
  return printable(short).replaceAll("\n", "\ufffd");
}
