/** Every command can be told: in the help, the command reference and the manual page. */
import { ok, strictEqual as eq } from "node:assert/strict";
import { commandEntries } from "../../../src/cli/reference/entries.ts";
import { fitted, twoColumns } from "../../../src/cli/fit.ts";
import { COMMANDS, RESERVED_NAMES } from "../../../src/tools/reserved_names.ts";
import { fakeHost } from "../support.ts";

const entries = commandEntries(fakeHost());

Deno.test("the names of commands that no tool may have are those that there are", () => {
  const first = new Set(entries.map(({ name }) => name.split(" ")[1]!));
  for (const name of first) ok((COMMANDS as readonly string[]).includes(name), `${name} is not in COMMANDS`);
  for (const { description } of entries) {
    for (const alias of /\(also: (.*)\)/.exec(description)?.[1]?.split(", ") ?? []) {
      ok(RESERVED_NAMES.has(alias.split(" ")[1]!), alias);
    }
  }
  eq(first.has("install"), true);
});

Deno.test("long lines of prose are broken at blanks, and columns keep their place", () => {
  eq(fitted("aa bb cc\n  aa bb cc\naaaaaaaa b", 5), "aa bb\ncc\n  aa bb cc\naaaaaaaa\nb");
  eq(twoColumns([["-a", "one two"], ["--bcd", "x"]], 13), "  -a     one\n         two\n  --bcd  x\n");
});
