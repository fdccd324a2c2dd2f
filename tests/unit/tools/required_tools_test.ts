import { deepStrictEqual as same, throws } from "node:assert/strict";
import { requiredTools } from "../../../src/tools/required_tools.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

/** A silo home whose own registry has these tools, each with what it requires. */
function withTools(path: string, tools: Record<string, readonly string[]>) {
  Deno.mkdirSync(`${path}/registry`);
  for (const [name, requires] of Object.entries(tools)) {
    const text = `description = "x"\nshims = ["${name}"]\nrequires = ${JSON.stringify(requires)}\n` +
      `[debian]\nsuite = "bookworm"\npackages = ["${name}"]\n`;
    Deno.writeTextFileSync(`${path}/registry/${name}.toml`, text);
  }
  return fakeHost({ siloHome: path });
}

Deno.test("what a tool requires comes before it, each once, and what that requires before that", () => {
  using home = temporaryDirectory();
  const host = withTools(home.path, { app: ["left", "right"], left: ["base"], right: ["base"], base: [] });
  same(requiredTools(host, "app"), ["base", "left", "right"]);
  same(requiredTools(host, "base"), []);
  same(requiredTools(host, "unheard-of"), []);
});

Deno.test("tools that require each other are refused with the circle, before anything is installed", () => {
  using home = temporaryDirectory();
  const host = withTools(home.path, { app: ["left"], left: ["right"], right: ["left"], me: ["me"] });
  throws(() => requiredTools(host, "app"), /require each other: app → left → right → left/);
  throws(() => requiredTools(host, "me"), /me → me/);
});

Deno.test("a required tool that no registry has is named, with the one that requires it", () => {
  using home = temporaryDirectory();
  const host = withTools(home.path, { app: ["left"], left: ["nowhere"] });
  throws(() => requiredTools(host, "app"), /could not install app: left requires nowhere, which is not known/);
});
