import { deepStrictEqual as same, rejects, strictEqual as eq } from "node:assert/strict";
import fc from "fast-check";
import { parse } from "smol-toml";
import { define } from "../../../src/config/edit_values.ts";
import { type Document, editToml, pruneTables, tableAt } from "../../../src/config/edit.ts";

const plain = (text: string) => JSON.parse(JSON.stringify(parse(text)));

Deno.test("new keys of the top stand before the first table, those of a table in it, new tables at the end", async () => {
  eq(
    await editToml("# mine\n\n# about env\n[env] # e\nA = '1'   # a\n\n# tail\n", (it) => {
      it.passEnv = ["X"];
      (it.env as Document).B = "2";
      tableAt(it, ["tools", "node", "network"]).allow = ["a.com"];
    }),
    '# mine\n\npassEnv = ["X"]\n\n# about env\n[env] # e\nA = \'1\'   # a\nB = "2"\n\n# tail\n\n' +
      '[tools.node.network]\nallow = ["a.com"]\n',
  );
});

Deno.test("a file that is not there yet, or holds a comment only, becomes one that a person would write", async () => {
  eq(await editToml("", (it) => void (it.ports = [5173])), "ports = [5173]\n");
  eq(
    await editToml("# hello\n", (it) => void (tableAt(it, ["network"]).allow = ["a.com"])),
    '# hello\n\n[network]\nallow = ["a.com"]\n',
  );
});

Deno.test("an item added to or taken from a list leaves its other lines and comments alone", async () => {
  const text = "[network]\nallow = [\n  \"a.com\", # first\n  'b.com', # second\n]\n";
  eq(
    await editToml(text, (it) => void (tableAt(it, ["network"]).allow as string[]).push("c.com")),
    '[network]\nallow = [\n  "a.com", # first\n  \'b.com\', # second\n  "c.com",\n]\n',
  );
  eq(
    await editToml(text, (it) => void (tableAt(it, ["network"]).allow as string[]).shift()),
    "[network]\nallow = [\n  'b.com', # second\n]\n",
  );
});

Deno.test("a table that others only imply gets its header; inline tables stay inline; line ends stay as they are", async () => {
  eq(
    await editToml("[tools.python.env]\nA = '1'\n", (it) => void (tableAt(it, ["tools", "python"]).ports = [3])),
    "[tools.python.env]\nA = '1'\n\n[tools.python]\nports = [3]\n",
  );
  eq(
    await editToml("network = { allow = ['a'] }\n", (it) => void (tableAt(it, ["network"]).deny = ["x"])),
    "network = { allow = ['a'], deny = [\"x\"] }\n",
  );
  eq(
    await editToml("[env]\r\nA = '1'\r\n", (it) => {
      it.ports = [1];
      tableAt(it, ["network"]).deny = ["x"];
    }),
    "ports = [1]\r\n\r\n[env]\r\nA = '1'\r\n\r\n[network]\r\ndeny = [\"x\"]\r\n",
  );
});

Deno.test("a path through something that is no table is refused", async () => {
  await rejects(editToml("network = 1\n", (it) => tableAt(it, ["network", "x"])), /network is not a table/);
});

const key = fc.constantFrom("env", "ports", "a b", "x-1", "__proto__", "tools", 'q"');
const scalar = fc.oneof(
  fc.constantFrom("a.com", "", 'quo"te', "new\nline", "ü\x7f\u2028"),
  fc.integer({ min: -99, max: 99 }),
  fc.boolean(),
);
const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));

/** Text of a document in one of the ways in which people write it, with a comment on every other line. */
const text = fc.array(fc.tuple(fc.array(key, { minLength: 1, maxLength: 2 }), key, value, fc.nat(3)), { maxLength: 6 })
  .map((entries) => {
    const top: string[] = [];
    const tables = new Map<string, string[]>();
    const q = (word: string) => /^[\w-]+$/.test(word) ? word : JSON.stringify(word);
    const show = (it: unknown): string =>
      Array.isArray(it) ? `[${it.map(show).join(" , ")}]` : JSON.stringify(it).replaceAll("\x7f", "\\u007f");
    for (const [path, name, it, style] of entries) {
      const line = `${q(name)}  =  ${show(it)}${style % 2 ? "  # why" : ""}`;
      if (style === 0) top.push(`# on top\n${line}`);
      else tables.set(path.map(q).join("."), [...(tables.get(path.map(q).join(".")) ?? []), line]);
    }
    return top.join("\n") + "\n" +
      [...tables].map(([path, lines]) => `\n# of ${path.length}\n[${path}]\n${lines.join("\n")}\n`).join("");
  })
  .filter((it) => {
    try {
      return parse(it) !== undefined;
    } catch {
      return false; // the same key twice
    }
  });

type Step = { path: string[]; key: string; value: unknown; remove: boolean };
const step: fc.Arbitrary<Step> = fc.record({
  path: fc.array(key, { maxLength: 3 }),
  key,
  value,
  remove: fc.boolean(),
});

/** What the step does to a document. A path through something that is no table leads nowhere, and tables stay. */
function apply(document: Document, { path, key, value, remove }: Step): void {
  let table: Document;
  try {
    table = tableAt(document, path);
  } catch {
    return;
  }
  const there = Object.hasOwn(table, key) ? table[key] : undefined;
  if (typeof there === "object" && !Array.isArray(there)) return;
  if (remove) delete table[key];
  else define(table, key, value);
  pruneTables(document, path);
}

Deno.test("parse(edit(text)) is edit(parse(text)), and every line without what was changed is still there", async () => {
  await fc.assert(
    fc.asyncProperty(text, step, async (text, step) => {
      const wanted = plain(text);
      apply(wanted, step);
      const edited = await editToml(text, (document) => apply(document, step));
      same(plain(edited), JSON.parse(JSON.stringify(wanted)));
      // A line is touched if the changed key stands in it, or a header that the change emptied.
      const isTouched = (line: string) => [...step.path, step.key].some((name) => line.includes(/^\w+/.exec(name)![0]));
      const kept = edited.split("\n");
      let at = 0;
      for (const line of text.split("\n").filter((line) => line.includes("=") && !isTouched(line))) {
        at = kept.indexOf(line, at) + 1;
        if (at === 0) throw new Error(`lost: ${line}`);
      }
    }),
    { numRuns: 1_000 },
  );
});
