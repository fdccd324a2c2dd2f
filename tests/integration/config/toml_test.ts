/** toml-test's cases (from Debian's golang-github-burntsushi-toml-dev) against the reader of `silo.toml`. */
import { deepStrictEqual as same, ok, rejects } from "node:assert/strict";
import { globSync } from "node:fs";
import { SiloError } from "../../../src/errors.ts";
import { parseConfig } from "../../../src/config/load.ts";

const CASES = "/usr/share/gocode/src/github.com/BurntSushi/toml/internal/toml-test/tests";

/** Refused with a clear error where a number would not be the one that was written. */
const REFUSED = ["valid/integer/long.toml"];
/** The cases are of TOML 1.0; these are right in TOML 1.1, which our reader knows. */
const RIGHT_SINCE = [
  "invalid/datetime/no-secs.toml",
  "invalid/inline-table/linebreak-1.toml",
  "invalid/inline-table/linebreak-2.toml",
  "invalid/inline-table/linebreak-3.toml",
  "invalid/inline-table/linebreak-4.toml",
  "invalid/inline-table/trailing-comma.toml",
  "invalid/string/basic-byte-escapes.toml",
];

/** The cases' names below a directory, "valid" or "invalid". */
function cases(directory: string): string[] {
  const names = globSync(`${directory}/**/*.toml`, { cwd: CASES });
  ok(names.length > 80, `toml-test has more cases than the ${names.length} in ${CASES}/${directory}`);
  return names;
}

const read = async (name: string) => (await parseConfig(name, Deno.readFileSync(`${CASES}/${name}`))).value;

/** A value as toml-test tells it: `{ type, value }` with the value as text. */
function tagged(value: unknown, expected: unknown): unknown {
  if (Array.isArray(value)) return value.map((item, i) => tagged(item, (expected as unknown[] | undefined)?.[i]));
  const type = (expected as { type?: unknown } | undefined)?.type;
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "boolean") return { type: "bool", value: String(value) };
  if (value instanceof Date) return { type: kindOf(value), value: timeOf(value) };
  if (typeof value === "number") return { type: type === "integer" ? "integer" : "float", value: numberText(value) };
  return Object.fromEntries(
    Object.entries(value as object).map((
      [key, item],
    ) => [key, tagged(item, (expected as Record<string, unknown>)?.[key])]),
  );
}

/** Both sides in one spelling: `inf` and `+inf`, `1e3` and `1000.0`, `Z` and `+00:00` are the same. */
function normal(expected: unknown): unknown {
  if (Array.isArray(expected)) return expected.map(normal);
  if (typeof expected !== "object" || expected === null) return expected;
  const { type, value } = expected as { type?: unknown; value?: unknown };
  if (typeof type !== "string" || typeof value !== "string") {
    return Object.fromEntries(Object.entries(expected).map(([key, item]) => [key, normal(item)]));
  }
  if (type === "integer" || type === "float") {
    return {
      type,
      value: numberText(Number(value.replace(/^([+-]?)inf$/, "$1Infinity").replace(/^[+-]?nan$/, "NaN"))),
    };
  }
  if (type === "datetime") return { type, value: new Date(value).toISOString() };
  return { type, value: type.endsWith("-local") ? value.replace(/\.(\d{3})\d*$/, ".$1").replace(/\.000$/, "") : value };
}

const numberText = (value: number) => Object.is(value, -0) ? "0" : String(value);

/** smol-toml's dates say of themselves what they are. */
function kindOf(date: Date & { isLocal?(): boolean; isDate?(): boolean; isTime?(): boolean }): string {
  if (date.isDate?.()) return "date-local";
  if (date.isTime?.()) return "time-local";
  return date.isLocal?.() ? "datetime-local" : "datetime";
}

function timeOf(date: Date): string {
  if (kindOf(date) === "datetime") return new Date(date.getTime()).toISOString();
  return date.toISOString().replace(/\.000$/, "");
}

Deno.test("every valid case of toml-test is read as it says", async () => {
  for (const name of cases("valid").filter((name) => !REFUSED.includes(name))) {
    const expected = JSON.parse(Deno.readTextFileSync(`${CASES}/${name.replace(/toml$/, "json")}`));
    same(tagged(await read(name), expected), normal(expected), name);
  }
  for (const name of REFUSED) {
    await rejects(read(name), (error) => error instanceof SiloError && /losslessly/.test(error.message));
  }
});

Deno.test("every invalid case of toml-test is refused with the place of the mistake", async () => {
  for (const name of cases("invalid").filter((name) => !RIGHT_SINCE.includes(name))) {
    await rejects(read(name), (error) => {
      ok(error instanceof SiloError, name);
      ok(error.message.includes(name), `${name}: ${error.message}`);
      return true;
    });
  }
  for (const name of RIGHT_SINCE) await read(name);
});
