import { deepStrictEqual as same, rejects } from "node:assert/strict";
import { type Backend, type Exit, MachineKilled, type RunEvents } from "../../../src/engine/backend.ts";
import type { ProcessSignals } from "../../../src/engine/process_signals.ts";
import { run } from "../../../src/engine/run.ts";
import type { HandledSignal } from "../../../src/engine/signal_policy.ts";
import { SiloError } from "../../../src/errors.ts";
import { fakeHost } from "../support.ts";
import { somePlan } from "./some_plan.ts";

/** A run whose world is all made up; `log` says what was done to it, in order. */
function world(mode: "full" | "cooked" | null, ours = true) {
  const log: string[] = [];
  const end = Promise.withResolvers<Exit>();
  let events!: RunEvents;
  let send!: (signal: HandledSignal) => void;
  const continued = Promise.withResolvers<void>();
  const note = (text: string) => {
    log.push(text);
    return Promise.resolve();
  };
  const backend: Backend = {
    start(_plan, _io, given, size) {
      events = given;
      log.push(`start ${size === null ? "without a size" : `${size.columns}x${size.rows}`}`);
      return {
        exited: end.promise,
        signal: (name, scope) => note(`signal ${name} ${scope}`),
        resize: ({ rows, columns }) => note(`resize ${columns}x${rows}`),
        output: () => Promise.resolve(undefined),
        kill: () => {
          log.push("kill");
          end.reject(new MachineKilled());
        },
      };
    },
  };
  const signals: ProcessSignals = {
    listen(handler) {
      send = handler;
      return () => log.push("listen no more");
    },
    async stopSelf() {
      log.push("stopped");
      await continued.promise;
      log.push("continued");
    },
  };
  const terminal = {
    size: () => ({ rows: 24, columns: 80 }),
    isOurs: () => ours,
    enterRaw: () => log.push("raw"),
    restore: () => log.push("restore"),
  };
  const unused = { read: () => Promise.resolve(null), write: (data: Uint8Array) => Promise.resolve(data.length) };
  const plan = somePlan({ terminal: mode === null ? null : { mode } });
  const result = run(plan, backend, {
    host: fakeHost({ monotonic: () => 0 }),
    io: { stdin: unused, stdout: unused, stderr: unused },
    terminal,
    signals,
    events: { timing() {}, attempts() {}, warning() {} },
  });
  result.catch(() => {});
  return { log, end, events, send: (signal: HandledSignal) => send(signal), continued, result };
}

/** Lets everything that is due happen. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("raw mode begins with the program and ends with it", async () => {
  const { log, events, end, result } = world("full");
  same(log, ["start 80x24"]);
  events.started();
  end.resolve({ code: 3 });
  same(await result, { code: 3 });
  same(log, ["start 80x24", "raw", "resize 80x24", "listen no more", "restore"]);
});

Deno.test("without a full terminal there is no raw mode", async () => {
  for (const mode of ["cooked", null] as const) {
    const { log, events, end, result } = world(mode);
    events.started();
    end.resolve({ code: 0 });
    await result;
    same(log.includes("raw"), false);
  }
});

Deno.test("in the background, or while a pager has the terminal, it is left alone", async () => {
  const { log, events, end, send, result } = world("full", false);
  events.started();
  send("SIGCONT");
  end.resolve({ code: 0 });
  await result;
  same(log.includes("raw"), false);
});

Deno.test("the terminal is restored when the machine is lost", async () => {
  const { log, events, end, result } = world("full");
  events.started();
  end.reject(new SiloError("could not go on"));
  await rejects(result, /could not go on/);
  same(log.at(-1), "restore");
});

Deno.test("an interrupt while the machine boots ends the run as by that signal", async () => {
  const { log, send, result } = world("full");
  send("SIGTERM");
  same(await result, { signal: "SIGTERM", number: 15 });
  same(log, ["start 80x24", "kill", "listen no more", "restore"]);
});

Deno.test("the second interrupt kills the machine", async () => {
  const { log, events, send, result } = world(null);
  events.started();
  send("SIGINT");
  send("SIGINT");
  same(await result, { signal: "SIGINT", number: 2 });
  same(log.filter((entry) => /signal|kill/.test(entry)), ["signal SIGINT group", "kill"]);
});

Deno.test("Ctrl-Z of a full terminal: restore, stop, and back again with the window's size", async () => {
  const { log, events, end, continued, result } = world("full");
  events.started();
  log.length = 0;
  events.stopped("SIGTSTP");
  await settle();
  same(log, ["restore", "stopped"]);
  continued.resolve();
  await settle();
  same(log.slice(2), ["continued", "raw", "resize 80x24", "signal SIGCONT group"]);
  end.resolve({ code: 0 });
  await result;
});

Deno.test("without a terminal a program that says it was stopped stops nobody else", async () => {
  const { log, events, end, result } = world(null);
  events.started();
  log.length = 0;
  events.stopped("SIGTSTP");
  await settle();
  same(log, []);
  end.resolve({ code: 0 });
  await result;
});

Deno.test("SIGTSTP stops the program before silo stops", async () => {
  const { log, events, end, send, continued, result } = world("cooked");
  events.started();
  log.length = 0;
  send("SIGTSTP");
  await settle();
  same(log, ["signal SIGTSTP group", "restore", "stopped"]);
  continued.resolve();
  await settle();
  same(log.slice(3), ["continued", "resize 80x24", "signal SIGCONT group"]);
  end.resolve({ code: 0 });
  await result;
});

Deno.test("SIGCONT after a stop from elsewhere takes the terminal again", async () => {
  const { log, events, end, send, result } = world("full");
  events.started();
  log.length = 0;
  send("SIGCONT");
  same(log, ["raw", "resize 80x24", "signal SIGCONT group"]);
  end.resolve({ code: 0 });
  await result;
});

Deno.test("the size follows the window once the program runs", async () => {
  const { log, events, end, send, result } = world("cooked");
  send("SIGWINCH");
  same(log, ["start 80x24"]);
  events.started();
  send("SIGWINCH");
  same(log.filter((entry) => entry.startsWith("resize")), ["resize 80x24", "resize 80x24"]);
  end.resolve({ code: 0 });
  await result;
});
