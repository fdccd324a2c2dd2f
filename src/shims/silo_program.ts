/**
 * Where silo itself is, for scripts that start it.
 *
 * @module
 */

import { here } from "../helper/place.ts";

/** The program that a person starts: the installed one, else the checkout's script. Absolute. */
export function siloProgram(): string {
  if (Deno.build.standalone) return Deno.execPath();
  const { installed, prefix } = here();
  return `${prefix}/${installed ? "bin" : "scripts"}/silo`;
}
