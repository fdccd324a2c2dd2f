/** The table of pitfalls in docs/macos.md names tests that exist. */
import { deepStrictEqual as same, ok } from "node:assert/strict";
import { walkSync } from "./walk.ts";

const ROOT = decodeURIComponent(new URL("../../..", import.meta.url).pathname).replace(/\/$/, "");

interface Row {
  readonly number: number;
  readonly tests: readonly string[];
}

function rows(): Row[] {
  const text = Deno.readTextFileSync(`${ROOT}/docs/macos.md`);
  return text.split("\n").filter((line) => /^\| +\d+ +\|/.test(line)).map((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    return { number: Number(cells[1]), tests: [...cells[4]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!) };
  });
}

/** The test files of a name, whatever their folder. */
function sourceOf(name: string): string {
  const files = ["swift-helper/Tests", "tests"].flatMap((folder) => [...walkSync(`${ROOT}/${folder}`)]);
  const found = files.filter((path) => path.endsWith(`/${name}.swift`) || path.endsWith(`/${name}.ts`));
  same(found.length, 1, `${name}: ${found}`);
  return Deno.readTextFileSync(found[0]!);
}

Deno.test("there are forty, numbered, each with a test", () => {
  same(rows().map(({ number }) => number), Array.from({ length: 40 }, (_, at) => at + 1));
  for (const { number, tests } of rows()) ok(tests.length > 0, `${number}`);
});

Deno.test("every test that the table names exists", () => {
  for (const test of rows().flatMap(({ tests }) => tests)) {
    const title = /^(\w+_test): (.+)$/.exec(test);
    if (title !== null) {
      ok(sourceOf(title[1]!).includes(`Deno.test("${title[2]}"`), test);
    } else {
      const [suite, name] = test.split(".") as [string, string];
      ok(new RegExp(`@Test(?:\\([^@]*?\\))?\\s+func ${name}\\(`).test(sourceOf(suite)), test);
    }
  }
});
