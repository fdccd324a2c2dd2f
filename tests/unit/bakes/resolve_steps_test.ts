import { deepStrictEqual, throws } from "node:assert/strict";
import { resolveSteps } from "../../../src/bakes/resolve_steps.ts";
import { temporaryDirectory } from "../support.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("steps are read with their script and the files they name", () => {
  using directory = temporaryDirectory();
  Deno.writeTextFileSync(`${directory.path}/setup.sh`, "echo hello\n");
  Deno.writeTextFileSync(`${directory.path}/requirements.txt`, "x==1\n");
  Deno.writeTextFileSync(`${directory.path}/more`, "more");
  const steps = resolveSteps(
    ["pip install -r requirements.txt", { script: "setup.sh", inputs: ["more"] }],
    directory.path,
  );
  deepStrictEqual(steps.map(({ run, inputs }) => [run, inputs.map(({ path, bytes }) => [path, text(bytes)])]), [
    ["pip install -r requirements.txt", [["requirements.txt", "x==1\n"]]],
    ["echo hello\n", [["more", "more"]]],
  ]);
});

Deno.test("a file that lies elsewhere, or is none, is no part of a build", () => {
  using directory = temporaryDirectory();
  Deno.symlinkSync("/etc/passwd", `${directory.path}/link`);
  Deno.mkdirSync(`${directory.path}/directory`);
  for (const script of ["link", "directory", "missing", "/etc/passwd", "../x"]) {
    throws(() => resolveSteps([{ script }], directory.path), /could not read .* for the build/);
  }
  // A link that is merely named is no file of the project: nothing of the host gets in.
  deepStrictEqual(resolveSteps(["cat link"], directory.path)[0]!.inputs, []);
});
