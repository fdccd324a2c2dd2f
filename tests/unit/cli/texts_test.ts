/** The small texts: tables, progress, help, suggestions. */
import { deepStrictEqual as same, ok, strictEqual as eq } from "node:assert/strict";
import { exitCodeOf } from "../../../src/cli/end_process.ts";
import { runHelp } from "../../../src/cli/help.ts";
import { ProgressLine, progressText } from "../../../src/cli/progress_line.ts";
import { otherCommand } from "../../../src/cli/program.ts";
import type { SiloError } from "../../../src/errors.ts";
import { RUN_FLAGS } from "../../../src/cli/parse_run.ts";
import { table } from "../../../src/cli/table.ts";
import { editDistance, nearest } from "../../../src/nearest.ts";
import { fakeHost } from "../support.ts";

Deno.test("table() aligns columns and leaves no blanks at the ends of lines", () => {
  eq(table([["A", "B"], ["long", "x"], ["b", ""]]), "A     B\nlong  x\nb\n");
  eq(table([]), "");
});

Deno.test("nearest() finds what a typing error meant, and does not guess wildly", () => {
  eq(nearest("pyhton", ["python", "node"]), "python");
  eq(nearest("lst", ["list", "trust"]), "list");
  eq(nearest("docker", ["python", "node"]), undefined);
  eq(editDistance("kitten", "sitting"), 3);
  eq(editDistance("ab", "ba"), 1);
});

Deno.test("progress is one line that is written over on a terminal, a line a phase elsewhere", () => {
  const written: string[] = [];
  const terminals = { stdin: false, stdout: false, stderr: false };
  const line = new ProgressLine(fakeHost({ terminals }), (text) => written.push(text));
  line.show({ task: "fetch", phase: "unpack 1 of 2" });
  line.show({ task: "fetch", phase: "unpack 2 of 2" });
  line.show({ task: "fetch", phase: "sync\u001b[2J" });
  line.clear();
  same(written, ["fetch: unpack\n", "fetch: sync\ufffd[2J\n"]);
  eq(progressText({ task: "a", phase: "b", done: 12e6, total: 70e6 }), "a: b 12 of 70 MB (17 %)");
  const half = { task: "pull x", phase: "download", done: 50e6, total: 100e6 };
  eq(progressText(half, 79), `pull x: download ${"━".repeat(10)}${"╌".repeat(10)} 50 of 100 MB (50 %)`);
  eq(progressText(half, 40), "pull x: download 50 of 100 MB (50 %)");
  eq(progressText({ ...half, done: 200e6 }, 10), "pull x: do");
});

Deno.test("the help of run lists every flag, that of shell all that it takes", () => {
  for (const { name } of RUN_FLAGS) {
    ok(runHelp("run").includes(name));
    eq(
      runHelp("shell").includes(`${name} `) || runHelp("shell").includes(`${name}\n`),
      name !== "--exec" && name !== "--ask",
      name,
    );
  }
});

Deno.test("a signal's exit code is 128 and its number", () => {
  eq(exitCodeOf({ signal: "SIGKILL", number: 9 }), 137);
  eq(exitCodeOf({ code: 3 }), 3);
});

Deno.test("a word that is no command is told with the nearest of its own group, or with the help", async () => {
  const hint = async (...words: string[]) => {
    const error = await otherCommand(words, fakeHost({ env: { XDG_RUNTIME_DIR: "/nowhere" } })).catch((it) => it);
    return (error as SiloError).hint;
  };
  eq(await hint("cache", "gcc"), "Did you mean gc?");
  eq(await hint("config", "ports", "list"), "`silo help config` shows what there is.");
  eq(await hint("uninstal"), "Did you mean uninstall?");
});
