/** The command reference and the manual page are those of the commands as they are. */
import { equal, ok } from "node:assert/strict";
import { references } from "../../../scripts/reference/references.ts";

Deno.test("docs/commands.md and docs/silo.1 are current", () => {
  for (const [path, text] of references()) {
    ok(Deno.readTextFileSync(path) === text, `${path} is not what the commands say: run scripts/write-reference`);
  }
});

Deno.test("the manual page is one that man can show", async () => {
  const path = references()[1]![0];
  const { success, stdout, stderr } = await new Deno.Command("man", {
    args: ["--warnings", "-l", path],
    env: { LC_ALL: "C.UTF-8", MANWIDTH: "80", MAN_KEEP_FORMATTING: "" },
    stdout: "piped",
    stderr: "piped",
  }).output().catch(() => ({ success: false, stdout: new Uint8Array(), stderr: new Uint8Array() }));
  if (!success) return; // this machine has no man
  equal(new TextDecoder().decode(stderr), "");
  ok(new TextDecoder().decode(stdout).includes("silo install"));
});
