/**
 * Ending silo as the tool ended.
 *
 * @module
 */
import type { Exit } from "../engine/backend.ts";
import { EXIT } from "../errors.ts";

/**
 * Signals that silo dies of itself when the tool did, so that a shell that waits for it sees the truth and, for example,
 * ends its own loop on SIGINT. Not those that would leave a core dump of silo.
 */
const DIES_OF: ReadonlySet<string> = new Set(["SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE"]);

/** How long to wait for a signal to ourselves, milliseconds. */
const SIGNAL_LIMIT_MS = 1_000;

/** The exit code that stands for how the tool ended, as a shell has it. */
export function exitCodeOf(exit: Exit): number {
  return "code" in exit ? exit.code : EXIT.SIGNAL_BASE + exit.number;
}

/** Returns the exit code, unless the end is by a signal that silo itself dies of. Nothing may be left to clean up. */
export async function endAs(exit: Exit): Promise<number> {
  if ("signal" in exit && DIES_OF.has(exit.signal)) {
    // A listener set and removed gives the signal its default effect back: Deno ignores SIGPIPE otherwise.
    const signal = exit.signal as Deno.Signal;
    const listener = () => {};
    Deno.addSignalListener(signal, listener);
    Deno.removeSignalListener(signal, listener);
    Deno.kill(Deno.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, SIGNAL_LIMIT_MS)); // blocked by the parent: then the code it is
  }
  return exitCodeOf(exit);
}
