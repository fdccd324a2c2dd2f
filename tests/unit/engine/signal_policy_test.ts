import { deepStrictEqual as same } from "node:assert/strict";
import { SECOND_INTERRUPT_MS, SignalPolicy } from "../../../src/engine/signal_policy.ts";

function started(): SignalPolicy {
  const policy = new SignalPolicy();
  policy.started = true;
  return policy;
}

Deno.test("signals of a terminal go to the group, others to the program", () => {
  for (const signal of ["SIGINT", "SIGQUIT", "SIGHUP"] as const) {
    same(started().decide(signal, 0), { do: "forward", scope: "group" });
  }
  for (const signal of ["SIGTERM", "SIGUSR1", "SIGUSR2"] as const) {
    same(started().decide(signal, 0), { do: "forward", scope: "process" });
  }
});

Deno.test("the second interrupt within two seconds stops the machine, a later one does not", () => {
  const policy = started();
  same(policy.decide("SIGINT", 1_000).do, "forward");
  same(policy.decide("SIGINT", 1_001 + SECOND_INTERRUPT_MS).do, "forward");
  same(policy.decide("SIGINT", 1_001 + 2 * SECOND_INTERRUPT_MS), { do: "abort" });
});

Deno.test("before the program is started an interrupt ends the run, and user signals are dropped", () => {
  const policy = new SignalPolicy();
  same(policy.decide("SIGUSR1", 0), { do: "nothing" });
  same(policy.decide("SIGWINCH", 0), { do: "nothing" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
    same(policy.decide(signal, 0), { do: "abort" });
  }
});

Deno.test("stop, continue and resize are silo's own work", () => {
  same(started().decide("SIGTSTP", 0), { do: "suspend" });
  same(started().decide("SIGCONT", 0), { do: "resume" });
  same(started().decide("SIGWINCH", 0), { do: "resize" });
});
