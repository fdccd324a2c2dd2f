/** Every command can be told: in the help, the command reference and the manual page. */
import { deepStrictEqual as same, ok, strictEqual as eq } from "node:assert/strict";
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

Deno.test("every command's help fits 80 columns, shows examples of its own, and has the flags that all have", () => {
  const wrong = entries.flatMap(({ name, help }) => {
    const examples = /^Examples:\n((?: {2}.*\n?)+)/m.exec(help)?.[1] ?? "";
    return [
      ...help.split("\n").filter((line) => line.length > 80),
      ...(examples.includes(`  ${name}`) ? [] : ["no example"]),
      ...["-q, --quiet", "-v, --verbose"].filter((flag) => !help.includes(flag)),
      ...(/\n\n\n|\n\n$/.test(help) ? ["blank lines"] : []),
    ].map((what) => `${name}: ${what}`);
  });
  same(wrong, []);
});

Deno.test("the remarks of examples stand in one column, or under a command that is too long", () => {
  const text = `Examples:\n  silo a   one\n  silo a-long-one  two\n  silo ${"x".repeat(50)}    three\n  silo b\n`;
  eq(
    fitted(text),
    `Examples:\n  silo a           one\n  silo a-long-one  two\n  silo ${
      "x".repeat(50)
    }\n                   three\n  silo b\n`,
  );
});
