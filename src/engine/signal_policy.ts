/**
 * What to do with a signal that silo gets: pure, so that every case can be tested without sending one.
 *
 * @module
 */
import type { SignalScope } from "./backend.ts";

/** Signals that silo takes care of during a run. Others have their default effect. */
export const HANDLED_SIGNALS = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGTSTP",
  "SIGCONT",
  "SIGWINCH",
] as const;
export type HandledSignal = (typeof HANDLED_SIGNALS)[number];

/** Those that a terminal sends to a whole foreground group, and so does silo. */
const TO_GROUP: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT", "SIGHUP", "SIGTSTP", "SIGCONT"]);

/** Those that end silo while there is no program yet that could take them. */
const ABORTS_BOOT: ReadonlySet<string> = new Set(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]);

/** The second interrupt within this time stops the machine at once, in milliseconds. */
export const SECOND_INTERRUPT_MS = 2_000;

export type Action =
  /** Pass it on to the program. */
  | { readonly do: "forward"; readonly scope: SignalScope }
  /** Stop the machine at once, and end as if by this signal. */
  | { readonly do: "abort" }
  /** Stop the program, then ourselves. */
  | { readonly do: "suspend" }
  /** We run again: so shall the program. */
  | { readonly do: "resume" }
  | { readonly do: "resize" }
  | { readonly do: "nothing" };

export class SignalPolicy {
  /** Whether the program has been started. */
  started = false;
  #lastInterrupt = -Infinity;

  /** @param now a monotonic clock, milliseconds. */
  decide(signal: HandledSignal, now: number): Action {
    if (signal === "SIGWINCH") return this.started ? { do: "resize" } : { do: "nothing" };
    if (signal === "SIGTSTP") return { do: "suspend" };
    if (signal === "SIGCONT") return { do: "resume" };
    if (!this.started) return ABORTS_BOOT.has(signal) ? { do: "abort" } : { do: "nothing" };
    if (signal === "SIGINT") {
      const second = now - this.#lastInterrupt <= SECOND_INTERRUPT_MS;
      this.#lastInterrupt = now;
      if (second) return { do: "abort" };
    }
    return { do: "forward", scope: TO_GROUP.has(signal) ? "group" : "process" };
  }
}
