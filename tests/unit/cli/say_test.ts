/** How much silo says, and how it fits a terminal. */
import { deepStrictEqual as same, match, ok, strictEqual as eq, throws } from "node:assert/strict";
import { broken, hanging } from "../../../src/cli/break_line.ts";
import { leadingFlags } from "../../../src/cli/global_flags.ts";
import { parseRun } from "../../../src/cli/parse_run.ts";
import { ProgressLine } from "../../../src/cli/progress_line.ts";
import { trustText } from "../../../src/cli/ask_trust.ts";
import { table } from "../../../src/cli/table.ts";
import { renderError, SiloError } from "../../../src/errors.ts";
import { realHost } from "../../../src/host.ts";
import { fakeHost } from "../support.ts";

Deno.test("the global flags stand before the command, and among the flags of a run", () => {
  same(leadingFlags(["-q", "list"]), { count: 1, verbosity: "quiet" });
  same(leadingFlags(["--verbose", "-q", "-V"]), { count: 2, verbosity: "quiet" });
  same(leadingFlags(["list", "-q"]), { count: 0 });
  for (const [flag, verbosity] of [["-q", "quiet"], ["--verbose", "verbose"]]) {
    const request = parseRun("run", [flag!, "python", "-q", "-v"]);
    ok(request !== "help");
    same([request.verbosity, request.tool, request.argsAt], [verbosity, "python", 2], "what follows is the tool's");
  }
  throws(() => parseRun("run", ["-x", "python"]), /could not understand -x/);
});

Deno.test("SILO_LOG says the same for shims, and a wrong word is an error", () => {
  const before = Deno.env.get("SILO_LOG");
  try {
    Deno.env.set("SILO_LOG", "quiet");
    eq(realHost().verbosity, "quiet");
    Deno.env.set("SILO_LOG", "loud\x1b[2J");
    throws(realHost, /could not use SILO_LOG: "loud\ufffd\[2J" is not quiet, normal or verbose/);
  } finally {
    if (before === undefined) Deno.env.delete("SILO_LOG");
    else Deno.env.set("SILO_LOG", before);
  }
});

Deno.test("progress: nothing if quiet, each phase with its time if verbose, a time beside what takes long", () => {
  const show = (changes: Parameters<typeof fakeHost>[0]) => {
    let now = 0;
    let written = "";
    const line = new ProgressLine(fakeHost({ monotonic: () => now, ...changes }), (text) => written += text);
    for (const [phase, at] of [["fetch", 0], ["unpack", 1_500], ["unpack", 5_600]] as const) {
      now = at;
      line.show({ task: "kernel", phase });
    }
    line.clear();
    return written;
  };
  eq(show({ verbosity: "quiet" }), "");
  eq(show({ verbosity: "normal" }), "kernel: fetch\nkernel: unpack\n");
  eq(show({ verbosity: "verbose" }), "kernel: fetch\n  took 1.5 s\nkernel: unpack\n  took 4.1 s\n");
  const live = show({ terminals: { stdin: true, stdout: true, stderr: true } });
  eq(live.replaceAll("\r\x1b[K", "|"), "|kernel: fetch|kernel: unpack|kernel: unpack (4 s)|");
});

Deno.test("an error fits a terminal and keeps what is its own together", () => {
  const error = new SiloError("could not do it: one two three four", { hint: "Try this: a b c d", details: "- x" });
  const fit = (text: string, indent: number) => hanging(text, 24, indent);
  eq(
    renderError(error, { fit, mark: (text) => `<${text}>` }),
    "<silo:> could not do it:\n      one two three four\n  - x\n  Try this: a b c d\n",
  );
  eq(renderError(error), "silo: could not do it: one two three four\n  - x\n  Try this: a b c d\n");
  const caused = new SiloError("could not do it: no", { cause: new Error("deep\x1b[2J") });
  match(renderError(caused, { verbose: true }), /\n {2}because: Error: deep\ufffd\[2J\n/);
  ok(!renderError(caused).includes("deep"));
});

Deno.test("what is too long for the last column goes on under it", () => {
  eq(table([["a", "one two three four five"], ["bb", "x"]], 20), "a   one two three\n    four five\nbb  x\n");
  eq(table([["a", "one two three four five"]]), "a  one two three four five\n");
  same(broken("aaaa bb", 3), ["aaaa", "bb"]);
});

Deno.test("the question of consent is a diff that fits, and shows no control characters", () => {
  const question = { path: "/home/me/app/silo.toml", widens: ["reaches a.example", "runs: \x1b[2J"], before: true };
  eq(
    trustText({ home: "/home/me" }, question, 80, false),
    "silo: ~/app/silo.toml asks for more than you accepted before. The sandbox\n" +
      "  + reaches a.example\n  + runs: \ufffd[2J\n",
  );
  ok(trustText({ home: "/" }, question, 80, true).includes("\x1b[32m  + reaches a.example\x1b[0m\n"));
});
