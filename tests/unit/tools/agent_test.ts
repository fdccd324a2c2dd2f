import { deepStrictEqual as same, ok } from "node:assert/strict";
import { choicesOf } from "../../../src/cli/plain.ts";
import { autoApproval } from "../../../src/tools/agent.ts";
import type { InstalledTool } from "../../../src/tools/installed.ts";
import { availableTools, readDefinition } from "../../../src/tools/registry.ts";
import { fakeHost } from "../support.ts";

const host = fakeHost();
const AGENTS = ["claude-code", "cline", "codex", "copilot", "opencode", "paperclipai", "vibe"];

Deno.test("an agent's own program approves its steps, its other programs and other tools get nothing", () => {
  const definitions = availableTools(host).map((name) => readDefinition(host, name)!);
  same(definitions.filter(({ agent }) => agent !== undefined).map(({ name }) => name), AGENTS);
  for (const definition of definitions) {
    for (const { name, command } of definition.shims) {
      const isAgent = definition.agent?.command === command;
      same(autoApproval(definition, command), isAgent ? definition.agent!.autoApprove : [], name);
    }
    if (definition.agent) ok(definition.shims.some(({ command }) => command === definition.agent!.command));
  }
  same(autoApproval(readDefinition(host, "claude-code"), "claude"), ["--dangerously-skip-permissions"]);
  same(autoApproval(readDefinition(host, "vibe"), "vibe-acp"), []);
  same(autoApproval(undefined, "claude"), []);
});

Deno.test("silo alone offers agents first, by the names of their programs, and each tool once", () => {
  const tool = (name: string) => ({ name, version: "1" }) as InstalledTool;
  const choices = choicesOf(
    ["claude-code", "node", "node@22", "vibe"].map(tool).toReversed(),
    (name) => readDefinition(host, name)?.agent?.command,
  );
  same(choices.map(({ value }) => value), ["vibe", "claude", "node"]);
});
