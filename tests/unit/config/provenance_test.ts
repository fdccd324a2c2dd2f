import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import { provenanceOf, provenanceOfFiles, renderProvenance } from "../../../src/config/provenance.ts";
import { parse } from "smol-toml";
import { mergeSettings, type Settings } from "../../../src/config/config.ts";

const weak: Settings = {
  env: { A: "1", B: "1" },
  passEnv: ["X"],
  mounts: [{ source: "/1", target: "/t" }],
  resources: { cpus: 1, memoryMB: 300 },
  pre_run_hooks: ["a"],
};
const strong: Settings = {
  env: { B: "2" },
  passEnv: ["X", "Y"],
  mounts: [{ source: "/2", target: "/t" }],
  resources: { cpus: 2 },
  ports: "auto",
  pre_run_hooks: ["a"],
};
const layers = [{ origin: "weak", settings: weak }, { origin: "strong", settings: strong }];

Deno.test("each value is told with the layer that it is from", () => {
  same(provenanceOf(layers).map(({ key, value, origin }) => [key, value, origin]), [
    ["env.A", "1", "weak"],
    ["env.B", "2", "strong"],
    ["passEnv", "X", "weak"],
    ["passEnv", "Y", "strong"],
    ["mounts", { source: "/2", target: "/t" }, "strong"],
    ["resources.cpus", 2, "strong"],
    ["resources.memoryMB", 300, "weak"],
    ["ports", "auto", "strong"],
    ["pre_run_hooks", "a", "weak"],
    ["pre_run_hooks", "a", "strong"],
  ]);
  same(provenanceOf([]), []);
});

Deno.test("what only a tool's own table has is shown with its tool", () => {
  const layers = [
    { origin: "mine", settings: { version: "3.12", post_install: ["a"] } },
    { origin: "project", settings: { post_install: [{ script: "b.sh" }] } },
  ];
  eq(
    renderProvenance(provenanceOf(layers)),
    'version = "3.12"        # mine\npost_install = [\n  "a",                  # mine\n' +
      '  { script = "b.sh" },  # project\n]\n',
  );
});

Deno.test("what is shown is TOML that says the merged settings", () => {
  const text = renderProvenance(provenanceOf(layers));
  const shown = parse(text) as unknown as Settings;
  const plain = (it: unknown) => JSON.parse(JSON.stringify(it));
  same(plain(mergeSettings([shown])), plain(mergeSettings([weak, strong])));
  eq(text.split("\n").filter((line) => line.includes("# ")).length, 10);
});

Deno.test("without a tool everything that files say is shown, as TOML that says the same", () => {
  const text = renderProvenance(provenanceOfFiles([
    { origin: "mine", directory: "/m", config: { tool: "node", tools: { node: { ports: [1] }, python: {} } } },
    { origin: "project", directory: "/p", config: { env: { A: "1" }, tools: { node: { version: "22", ports: [2] } } } },
  ], "/home/me"));
  same(JSON.parse(JSON.stringify(parse(text))), {
    tool: "node",
    env: { A: "1" },
    tools: { node: { version: "22", ports: [1, 2] }, python: {} },
  });
  eq(text.split("\n").find((line) => line.includes("version")), 'tools.node.version = "22"  # project');
});
