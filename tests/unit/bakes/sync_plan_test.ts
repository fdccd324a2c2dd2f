import { deepStrictEqual as same } from "node:assert/strict";
import type { Place } from "../../../src/bakes/place.ts";
import { planSync } from "../../../src/bakes/sync_plan.ts";
import type { ConfigFile } from "../../../src/config/config.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

Deno.test("a tool that is not there is installed and then built with all its steps, hooks among them", async () => {
  using home = temporaryDirectory();
  const host = fakeHost({ siloHome: home.path });
  const plan = async (own: ConfigFile, shared: ConfigFile) => {
    const project = { root: "/app", inside: "", configPath: "/app/silo.toml" };
    const place: Place = {
      own: { config: own, directory: home.path },
      project,
      shared: { config: shared, directory: "/app" },
    };
    return (await planSync(host, place, false)).map((action) => [action.do, action.tool, action.steps]);
  };
  same(await plan({}, { tools: { go: {} } }), [["install", "go", 0]]);
  same(await plan({}, { post_build_hooks: ["a"], tools: { go: {} } }), [["install", "go", 1]]);
  same(
    await plan({ tools: { go: { post_install: ["a"] } } }, {
      tools: { go: { post_install: ["b", "c"], post_build_hooks: ["d"] }, unheard: {} },
    }),
    [["install", "go", 4], ["unknown", "unheard", 0]],
  );
});
