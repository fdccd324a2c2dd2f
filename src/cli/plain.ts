/**
 * `silo` alone, on a terminal: the default tool, or a choice of those that are installed.
 *
 * @module
 */
import { loadConfig } from "../config/load.ts";
import { findProject } from "../config/project.ts";
import type { Host } from "../host.ts";
import { type InstalledTool, readInstalled } from "../tools/installed.ts";
import { readDefinition } from "../tools/registry.ts";

/** The word to run; undefined: nothing can be chosen here, so the help is what is wanted. */
export async function plainChoice(host: Host): Promise<string | undefined> {
  if (!host.terminals.stdin || !host.terminals.stdout || !host.terminals.stderr) return undefined;
  const chosen = await defaultTool(host);
  if (chosen !== undefined) return chosen;
  const choices = choicesOf([...readInstalled(host).values()], (name) => readDefinition(host, name)?.agent?.command);
  if (choices.length === 0) return undefined;
  const { pick } = await import("./pick.ts");
  return await pick("Which tool?", choices, choices[0]!.value);
}

/** `tool` of the project's silo.toml, else of the person's own. */
async function defaultTool(host: Host): Promise<string | undefined> {
  const { configPath } = findProject(host.cwd());
  const shared = configPath === undefined ? undefined : await loadConfig(host, configPath, "project");
  return shared?.config.tool ?? (await loadConfig(host, `${host.siloHome}/silo.toml`, "user"))?.config.tool;
}

/** Agents first, by the names of their commands. */
export function choicesOf(
  tools: readonly InstalledTool[],
  agentOf: (name: string) => string | undefined,
): { value: string; hint: string }[] {
  const plain = tools.filter(({ name }) => !name.includes("@"));
  const choices = plain.map(({ name, version }) => ({
    value: agentOf(name) ?? name,
    hint: version,
    agent: agentOf(name),
  }));
  return choices.toSorted((a, b) => Number(b.agent !== undefined) - Number(a.agent !== undefined))
    .map(({ value, hint }) => ({ value, hint }));
}
