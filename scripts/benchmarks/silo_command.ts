/**
 * Commands whose time is taken.
 *
 * @module
 */
import { join } from "node:path/posix";
import { fileURLToPath } from "node:url";

export const SILO = join(fileURLToPath(import.meta.url), "../../silo");
/** Shared with each VM: the checkout itself is never shared. */
export const PROJECT = join(fileURLToPath(import.meta.url), "../../../examples/hello");

/** Runs a command to its end: milliseconds. Throws with its stderr if it fails. */
export async function elapsed(
  [program, ...args]: readonly string[],
  options: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
): Promise<number> {
  const started = performance.now();
  const child = new Deno.Command(program!, { args, ...options, stdin: "null", stdout: "null", stderr: "piped" });
  const { success, stderr } = await child.output();
  const milliseconds = performance.now() - started;
  if (!success) throw new Error(`${program} ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  return milliseconds;
}
