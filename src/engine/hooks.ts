/**
 * `pre_run_hooks`: lines for the sandbox's shell, run in the sandbox before the tool. Variables that they export are the
 * tool's; the first that fails ends the run with its status.
 *
 * @module
 */
import type { ByteString } from "../helper/byte_string.ts";

/** The command line with the hooks before it. */
export function withHooks(argv: readonly ByteString[], hooks: readonly string[]): readonly ByteString[] {
  if (hooks.length === 0) return argv;
  // Each on lines of its own, so that a comment at its end hides nothing of the next.
  const script = hooks.map((line) => `{ ${line}\n} || exit\n`).join("");
  return ["/bin/sh", "-c", `${script}exec "$@"`, "sh", ...argv];
}
