import { deepStrictEqual as same, rejects } from "node:assert/strict";
import { parse } from "smol-toml";
import { renderConfig } from "../../../src/cli/commands/config/files.ts";
import { parseLegacy } from "../../../src/config/legacy.ts";
import { mistakesIn } from "../../../src/config/schema.ts";

Deno.test("a .siloconf becomes today's settings; what has no counterpart is named", async () => {
  const { config, dropped } = await parseLegacy(
    "/p/.siloconf",
    `
# project
passEnv: [GITHUB_TOKEN]
cpus: 2
unknown: 1
tools:
  python:
    version: "3.12"
    env: { DEBUG: 1 }
    hostAccess: true
    ports: ["8000:8000"]
    proxy: { allow: [example.com], deny: [x.com], port: 1 }
    postInstall: [pip install x]
  node: { version: 22 }
  go: { version: 1.20 }
overrides:
  node: { proxy: { allow: ["*"] } }
`,
  );
  same(config, {
    passEnv: ["GITHUB_TOKEN"],
    resources: { cpus: 2 },
    tools: {
      python: {
        version: "3.12",
        env: { DEBUG: "1" },
        network: { hostAccess: true, allow: ["example.com"], deny: ["x.com"] },
        ports: ["8000:8000"],
        post_install: ["pip install x"],
      },
      node: { version: "22", network: { allow: ["*"] } },
      go: {},
    },
  });
  same(dropped, ["unknown", "tools.python.proxy.port", "tools.go.version"]);
  same(mistakesIn(config, "project"), []);
  same(JSON.parse(JSON.stringify(parse(renderConfig(config)))), config);
});

Deno.test("a silo.jsonc becomes today's settings, its mounts at the same place in the sandbox's home", async () => {
  const { config, dropped } = await parseLegacy(
    "/p/silo.jsonc",
    `{ // comment
  "backend": "docker",
  "tool": "claude",
  "tools": { "claude": { "env": ["ANTHROPIC_API_KEY"] } },
  "env": ["TOKEN", "A=b=c"],
  "mounts_ro": ["~/.mycompany", "/docs"],
  "mounts_rw": ["~/.claude"],
  "pre_run_hooks": ["echo"],
  "repos": { "github.com/org": { "env": ["ORG"], "tool": "x" } },
}`,
  );
  same(config, {
    tool: "claude",
    tools: { "claude-code": { passEnv: ["ANTHROPIC_API_KEY"] } },
    passEnv: ["TOKEN"],
    env: { A: "b=c" },
    mounts: [
      { source: "~/.mycompany", target: "/home/silo/.mycompany", readOnly: true },
      { source: "/docs", target: "/docs", readOnly: true },
      { source: "~/.claude", target: "/home/silo/.claude" },
    ],
    pre_run_hooks: ["echo"],
    repos: { "github.com/org": { passEnv: ["ORG"], tool: "x" } },
  });
  same(dropped, ["backend"]);
  same(mistakesIn(config, "user"), []);
  same(JSON.parse(JSON.stringify(parse(renderConfig(config)))), config);
});

Deno.test("what is not in its format is refused, hostile YAML too", async () => {
  await rejects(parseLegacy("/p/.siloconf", "a: [1"));
  await rejects(parseLegacy("/p/silo.jsonc", '{"a": }'), /line 1/);
  const bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" +
    "bcdefghi".split("").map((it, i) => `${it}: &${it} [${`*${"abcdefgh"[i]},`.repeat(9)}]\n`).join("");
  await rejects(parseLegacy("/p/.siloconf", bomb), /alias/i);
});
