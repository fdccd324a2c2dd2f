import { deepStrictEqual as same, ok } from "node:assert/strict";
import { FIELDS } from "../../../src/config/fields.ts";
import { ConfigSchema } from "../../../src/config/schema.ts";
import { z } from "zod";

const docs = Deno.readTextFileSync(new URL("../../../docs/configuration.md", import.meta.url));

Deno.test("the table of the documentation is the table that merging goes by", () => {
  const table = docs.slice(docs.indexOf("| key "), docs.indexOf("_replace_"));
  const rows = table.trim().split("\n").slice(2).map((row) => row.split("|").map((cell) => cell.trim()));
  same(Object.fromEntries(rows.map((cells) => [cells[1]!.replaceAll("`", ""), cells[4]])), { ...FIELDS });
});

Deno.test("every key of the schema merges by a rule, and every rule is about a key of the schema", () => {
  const keys: string[] = [];
  for (const [key, type] of Object.entries(ConfigSchema.shape)) {
    const inner = type.unwrap() as z.ZodType;
    if (key === "tools" || key === "tool") continue; // of the file, not of its settings
    if (inner instanceof z.ZodObject) keys.push(...Object.keys(inner.shape).map((member) => `${key}.${member}`));
    else keys.push(key);
  }
  same(keys.toSorted(), Object.keys(FIELDS).toSorted());
});

Deno.test("every key is said something about", () => {
  for (const field of Object.keys(FIELDS)) ok(docs.includes(`\`${field}\``), field);
});
