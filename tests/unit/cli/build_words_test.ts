import { deepStrictEqual, throws } from "node:assert/strict";
import { addStep } from "../../../src/bakes/packages.ts";
import { afterTool, requestOf } from "../../../src/cli/commands/build/build.ts";

Deno.test("flags of silo may stand before and right after the tool, the command keeps its own", () => {
  deepStrictEqual(afterTool(["--remove"], {}), { words: [], options: { remove: true } });
  deepStrictEqual(afterTool(["npm", "install", "--global", "x"], {}), {
    words: ["npm", "install", "--global", "x"],
    options: {},
  });
  deepStrictEqual(afterTool(["--setup", "pip install -U pip"], {}), {
    words: [],
    options: { setup: "pip install -U pip" },
  });
  deepStrictEqual(afterTool(["--", "--remove", "--"], { global: true }), {
    words: ["--remove", "--"],
    options: { global: true },
  });
  throws(() => afterTool(["--setup"], {}), /nothing stands after --setup/);
});

Deno.test("each way of building is one request", () => {
  const request = requestOf;
  deepStrictEqual(request("build", "node", ["npm", "install"], {}), { do: "add", tool: "node", step: "npm install" });
  deepStrictEqual(request("build", "node", ["echo", "a b"], {}), { do: "add", tool: "node", step: "echo 'a b'" });
  deepStrictEqual(request("build", "node", ["a && b"], {}), { do: "add", tool: "node", step: "a && b" });
  deepStrictEqual(request("build", "node", [], { script: "x.sh" }), {
    do: "add",
    tool: "node",
    step: { script: "x.sh" },
  });
  deepStrictEqual(request("rebuild", "node", [], {}), { do: "rerun", tool: "node" });
  deepStrictEqual(request("rebuild", undefined, [], { all: true }), { do: "rerun all" });
  deepStrictEqual(request("rebuild", "python", [], { setup: "pip install -U pip" }), {
    do: "replace",
    tool: "python",
    step: "pip install -U pip",
  });
  for (
    const [tool, words, options] of [
      [undefined, [], {}],
      ["node", [], {}],
      ["node", ["x"], { remove: true }],
      ["node", [], { rerun: true, remove: true }],
      ["node", [], { rerun: true, all: true }],
      ["node", ["x"], { script: "y" }],
    ] as const
  ) throws(() => request("build", tool, words, options), /could not understand the command line/);
});

Deno.test("packages and languages become one step, and nothing else becomes a part of it", () => {
  deepStrictEqual(
    addStep(["ripgrep", "kotlin", "ripgrep"]),
    "apt-get update && apt-get install -y --no-install-recommends ripgrep default-jdk-headless kotlin",
  );
  for (const word of ["-o=x", "a;b", "$(x)", "A", "a b", "", "--reinstall", "x=1;y"]) {
    throws(() => addStep([word]), /could not add/, word);
  }
});
