import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import { parse } from "smol-toml";
import { mistakesIn } from "../../../src/config/schema.ts";
import { composeConfig, withIgnored } from "../../../src/init/compose.ts";
import { detectTools } from "../../../src/init/detect.ts";
import { findMarkers } from "../../../src/init/look.ts";
import { temporaryDirectory } from "../support.ts";

Deno.test("tools are told by their files, the outer ones first, with the ports of usual servers", () => {
  same(
    detectTools([
      { path: "packages/web/package.json", text: '{"devDependencies":{"vite":"^7"}}' },
      { path: "package.json", text: '{"workspaces":["packages/*"]}' },
      { path: "api/requirements.txt", text: "Django==5\npsycopg\n" },
      { path: "Cargo.toml" },
      { path: "README.md" },
    ]),
    [
      { tool: "node", markers: ["package.json", "packages/web/package.json"], ports: [5173] },
      { tool: "python", markers: ["api/requirements.txt"], ports: [8000] },
      { tool: "rust", markers: ["Cargo.toml"], ports: [] },
    ],
  );
  same(detectTools([{ path: "go.mod" }, { path: "deno.jsonc" }]).map(({ tool }) => tool), ["go", "deno"]);
  same(detectTools([]), []);
});

Deno.test("markers are looked for a little way down, not in what others wrote, and through no link", () => {
  using directory = temporaryDirectory();
  const at = directory.path;
  const files = ["a/b/go.mod", "a/b/c/go.mod", "node_modules/x/package.json", ".venv/setup.py", "pyproject.toml"];
  for (const file of files) {
    Deno.mkdirSync(`${at}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${at}/${file}`, "x");
  }
  Deno.symlinkSync(`${at}/a`, `${at}/link`);
  same(findMarkers(at).map(({ path }) => path), ["pyproject.toml", "a/b/go.mod"]);
});

Deno.test("the file is one that a person would write", () => {
  const text = composeConfig({
    tools: [
      { tool: "node", markers: ["package.json"], ports: [5173] },
      { tool: "python", markers: ["a/x", "b/x", "c/x", "d/x"], ports: [] },
    ],
    passEnv: ["CI"],
    ports: [],
  });
  eq(
    text.slice(text.indexOf("passEnv")),
    'passEnv = ["CI"]\n\n[tools.node]  # package.json\nports = [5173]\n\n[tools.python]  # a/x, b/x, c/x, and 1 more\n',
  );
  same(mistakesIn(parse(text), "project"), []);
  same(mistakesIn(parse(composeConfig({ tools: [], passEnv: [], ports: [1] })), "project"), []);
});

Deno.test(".gitignore gets the line once", () => {
  eq(withIgnored(""), ".silo/\n");
  eq(withIgnored("a\nb"), "a\nb\n.silo/\n");
  eq(withIgnored("a\r\n"), "a\r\n.silo/\r\n");
  for (const text of [".silo/\n", "/.silo\n", "x\n.silo\r\ny"]) eq(withIgnored(text), undefined);
});
