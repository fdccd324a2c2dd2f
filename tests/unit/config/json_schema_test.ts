import { deepStrictEqual as same, ok } from "node:assert/strict";
import { jsonSchema } from "../../../src/config/json_schema.ts";
import { templateText } from "../../../src/config/template.ts";
import { mistakesIn } from "../../../src/config/schema.ts";
import { parse } from "smol-toml";

for (const [kind, name] of [["project", "silo.schema.json"], ["user", "silo-home.schema.json"]] as const) {
  Deno.test(`docs/${name} is what the schema says today`, () => {
    const text = Deno.readTextFileSync(new URL(`../../../docs/${name}`, import.meta.url));
    same(JSON.parse(text), JSON.parse(JSON.stringify(jsonSchema(kind))), "silo config schema > docs/silo.schema.json");
  });

  Deno.test(`the ${kind}'s template says nothing, and is right if all of it is said`, () => {
    const text = templateText(kind);
    same(Object.keys(parse(text)), []);
    const said = text.split("\n").map((line) => line.replace(/^# (?=\[|[a-zA-Z_]+ = )/, "")).join("\n");
    same(mistakesIn(parse(said), kind), []);
    ok(Object.keys(parse(said)).length > 8);
  });
}
