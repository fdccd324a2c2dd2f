import { deepStrictEqual, throws } from "node:assert/strict";
import { toolDefinition } from "../../../src/tools/parse_definition.ts";

const define = (value: Record<string, unknown>) =>
  toolDefinition("x", { description: "x", shims: ["x"], ...value }, "/r/x.toml");

Deno.test("a definition names its caches and the steps that complete its image", () => {
  const { caches, postInstall } = define({
    caches: [{ name: "pip", variable: "PIP_CACHE_DIR" }, {
      name: "login",
      variable: "X_HOME",
      noGC: true,
      scope: "tool",
    }, { name: "programs", variable: "GOPATH", programs: "bin" }],
    post_install: ["apt-get install -y jq"],
  });
  deepStrictEqual(caches, [
    { name: "pip", variable: "PIP_CACHE_DIR", noGC: false, scope: "project" },
    { name: "login", variable: "X_HOME", noGC: true, scope: "tool" },
    { name: "programs", variable: "GOPATH", noGC: false, scope: "project", programs: "bin" },
  ]);
  deepStrictEqual(postInstall, ["apt-get install -y jq"]);
});

Deno.test("a cache that is not as it should be is refused by its field", () => {
  for (
    const [entry, field] of [
      [{ name: "../x", variable: "X" }, "caches[0].name"],
      [{ name: "x", variable: "X Y" }, "caches[0].variable"],
      [{ name: "x", variable: "X", scope: "world" }, "caches[0].scope"],
      [{ name: "x", variable: "X", noGC: "yes" }, "caches[0].noGC"],
      [{ name: "x", variable: "X", programs: "../bin" }, "caches[0].programs"],
    ] as const
  ) throws(() => define({ caches: [entry] }), (error: Error) => error.message.includes(field));
  throws(() => define({ post_install: "x" }), /post_install/);
});
