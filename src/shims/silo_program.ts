/**
 * Where silo itself is, for scripts that start it.
 *
 * @module
 */

/** The program that a person starts: the compiled one, else the checkout's script. Absolute. */
export function siloProgram(): string {
  if (Deno.build.standalone) return Deno.execPath();
  return decodeURIComponent(new URL("../../scripts/silo", import.meta.url).pathname);
}
