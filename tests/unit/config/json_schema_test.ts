import { deepStrictEqual as same, ok } from "node:assert/strict";
import { jsonSchema } from "../../../src/config/json_schema.ts";
import { templateText } from "../../../src/config/template.ts";
import { fieldOf, FIELDS } from "../../../src/config/fields.ts";
import { ConfigSchema, mistakesIn, UserConfigSchema } from "../../../src/config/schema.ts";
import { parse } from "smol-toml";

for (const [kind, name] of [["project", "silo.schema.json"], ["user", "silo-home.schema.json"]] as const) {
  Deno.test(`docs/${name} is what the schema says today`, () => {
    const text = Deno.readTextFileSync(new URL(`../../../docs/${name}`, import.meta.url));
    same(JSON.parse(text), JSON.parse(JSON.stringify(jsonSchema(kind))), "silo config schema > docs/silo.schema.json");
  });

  Deno.test(`the ${kind}'s template says nothing, and has every key, right, if all of it is said`, () => {
    const text = templateText(kind);
    same(Object.keys(parse(text)), []);
    const said = text.split("\n").map((line) => line.replace(/^# (?=\[|"|[a-zA-Z_]+ = )/, "")).join("\n");
    const whole = parse(said);
    same(mistakesIn(whole, kind), []);
    same(Object.keys(FIELDS).filter((field) => fieldOf(whole, field) === undefined), []);
    const { shape } = kind === "user" ? UserConfigSchema : ConfigSchema;
    same(Object.keys(shape).filter((key) => !Object.hasOwn(whole, key)), []);
    ok(text.split("\n").every((line) => line.length <= 110));
  });
}
