import { match, ok, strictEqual as eq } from "node:assert/strict";
import { errorFromHelper, versionError } from "../../../src/helper/errors.ts";

const exec = (errno: number, stage = "exec") =>
  errorFromHelper({ message: "no", data: { kind: "exec", errno, stage } }, {
    doing: "run it",
    program: "./it",
    cwd: "/workspace/x",
  });

Deno.test("exec errors have the exit codes that a shell gives", () => {
  eq(exec(2).exitCode, 127);
  eq(exec(20).exitCode, 127);
  eq(exec(13).exitCode, 126);
  eq(exec(8).exitCode, 126);
  eq(exec(7).exitCode, 126);
  match(exec(8).message, /format/);
  match(exec(13).hint!, /chmod \+x \.\/it/);
});

Deno.test("a working directory that cannot be entered is silo's failure and is named", () => {
  const error = exec(2, "chdir");
  eq(error.exitCode, 125);
  match(error.message, /\/workspace\/x/);
});

Deno.test("the console's tail is shown with a boot that failed", () => {
  const data = { kind: "bootTimeout", console: "Kernel panic - not syncing" };
  const error = errorFromHelper({ message: "it did not come up", data }, { doing: "start the sandbox" });
  match(error.message, /^could not start the sandbox: it did not come up$/);
  match(error.details!, /Kernel panic/);
  ok(error.hint);
});

Deno.test("two versions that do not fit are both named", () => {
  match(versionError("9.0").message, /1\.0.*9\.0/);
  match(errorFromHelper({ message: "x", data: { kind: "version", helper: "9.0" } }, { doing: "x" }).message, /9\.0/);
});

Deno.test("an error without data still says what could not be done", () => {
  eq(errorFromHelper({ message: "why" }, { doing: "do it" }).message, "could not do it: why");
});
