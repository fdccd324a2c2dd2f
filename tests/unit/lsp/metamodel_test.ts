/** The table of the protocol against the types and messages that the npm package has. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { METAMODEL, type Type } from "../../../src/lsp/protocol/metamodel.ts";
import { shapeOf } from "../../../src/lsp/protocol/shapes.ts";

const require = createRequire(import.meta.url);

Deno.test("the table has every message of the protocol library, and no others", () => {
  const protocol = require("vscode-languageserver-protocol") as Record<string, { method?: unknown }>;
  const methods = Object.values(protocol).map((it) => it?.method).filter((it) =>
    typeof it === "string" && it !== "method"
  );
  const known = [...Object.keys(METAMODEL.requests), ...Object.keys(METAMODEL.notifications)];
  // The library keeps these three inside.
  const missing = known.filter((it) => !methods.includes(it) && !it.startsWith("$/"));
  deepEqual(missing, []);
  deepEqual(methods.filter((it) => !known.includes(it as string) && !isRegistration(it as string)), []);
});

function isRegistration(method: string): boolean {
  return Object.hasOwn(METAMODEL.registrations, method);
}

Deno.test("every property that the library's types have as a URI is one in the table", () => {
  const inner = createRequire(require.resolve("vscode-languageserver-protocol"));
  const types = dirname(inner.resolve("vscode-languageserver-types"));
  const text = readFileSync(join(types, "main.d.ts"), "utf8");
  let count = 0;
  for (const [, name, body] of text.matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)) {
    const structure = METAMODEL.structures[name!];
    if (structure === undefined) continue;
    for (const [, property] of body!.matchAll(/^ {4}(\w+)\??: (?:DocumentUri|URI)\b/gm)) {
      const type: Type | undefined = structure.properties[property!] ?? structure.properties[`${property}?`];
      ok(type === "DocumentUri" || type === "URI", `${name}.${property}`);
      count++;
    }
  }
  ok(count >= 10, `only ${count} found`);
});

Deno.test("what holds no path has no shape, so that it is passed without being looked at", () => {
  equal(shapeOf("Range"), undefined);
  equal(shapeOf("SemanticTokens"), undefined);
  equal(shapeOf("CompletionContext"), undefined);
  ok(shapeOf("Location"));
  ok(shapeOf("DocumentSymbol") === undefined);
});

Deno.test("no name of the table is unknown to it", () => {
  const known = new Set([
    ...Object.keys(METAMODEL.structures),
    ...Object.keys(METAMODEL.aliases),
    ..."URI DocumentUri string integer uinteger decimal boolean null RegExp".split(" "),
  ]);
  const names: string[] = [];
  JSON.stringify(METAMODEL.structures, (key, value) => {
    if (typeof value === "string" && !/^\d+$/.test(key)) names.push(value);
    return value;
  });
  deepEqual(names.filter((it) => !known.has(it)), []);
});
