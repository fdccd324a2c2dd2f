/** The command reference and the manual page are those of the commands as they are. */
import { equal, match, ok } from "node:assert/strict";
import { references } from "../../../scripts/reference/references.ts";
import { commandEntries } from "../../../src/cli/reference/entries.ts";
import { realHost } from "../../../src/host.ts";

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

Deno.test("every command has a description, examples, and no line over 110 columns", () => {
  for (const { name, description, notes, help } of commandEntries(realHost())) {
    ok(description.length > 10, name);
    match(notes || help, /Examples?:/, `${name} has no examples`);
    for (const line of help.split("\n")) ok(line.length <= 110, `${name}: ${line}`);
  }
});
