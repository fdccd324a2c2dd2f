/** What stands before a run: each module is a fraction of a millisecond, and one of Node's may be thirty. */
import { deepStrictEqual as same, ok } from "node:assert/strict";
import { loadedWith } from "../../module_graph.ts";

Deno.test("a dozen modules are loaded before a run's helper starts", async () => {
  const loaded = await loadedWith("main.ts");
  ok(loaded.includes("src/helper/spawn.ts"), "the graph is read");
  ok(loaded.length <= 12, loaded.join("\n"));
});

Deno.test("a run loads none of Node's modules, and no library but the one that reads TOML", async () => {
  const loaded = await loadedWith("src/cli/run_path.ts");
  ok(loaded.length > 50, "the graph is read");
  const foreign = loaded.filter((specifier) => !specifier.startsWith("src/"));
  same(foreign.filter((specifier) => !/^npm:\/*smol-toml@/.test(specifier)), []);
});
