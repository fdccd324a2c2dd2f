/**
 * Signals to and from silo's own process, behind an interface so that tests can send them without a process.
 *
 * @module
 */
import { isOrphanedGroup } from "./job_control.ts";
import { HANDLED_SIGNALS, type HandledSignal } from "./signal_policy.ts";

export interface ProcessSignals {
  /** Calls `handler` for every handled signal from now on; the result ends that. */
  listen(handler: (signal: HandledSignal) => void): () => void;
  /**
   * Stops silo's own process group, as Ctrl-Z does, and resolves when it runs again; at once if nobody could continue
   * it.
   */
  stopSelf(): Promise<void>;
}

/** How long after asking to be stopped we conclude that we were, milliseconds of running time. */
const STOP_SETTLE_MS = 100;

/** The signals of this process. */
export function realSignals(): ProcessSignals {
  let current: ((signal: HandledSignal) => void) | undefined;
  const listeners = new Map(HANDLED_SIGNALS.map((signal) => [signal, () => current?.(signal)] as const));
  return {
    listen(handler) {
      current = handler;
      for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
      return () => {
        current = undefined;
        for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
      };
    },
    async stopSelf() {
      if (isOrphanedGroup()) return; // Deno's way to the default effect is SIGSTOP, which the kernel never refuses
      const listener = listeners.get("SIGTSTP")!;
      Deno.removeSignalListener("SIGTSTP", listener); // back to its default effect
      Deno.kill(0, "SIGTSTP"); // the whole group: a script that called silo must stop with it
      await new Promise((resolve) => setTimeout(resolve, STOP_SETTLE_MS));
      Deno.addSignalListener("SIGTSTP", listener);
    },
  };
}
