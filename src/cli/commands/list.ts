/** `silo list` */
import type { Host } from "../../host.ts";
import { type InstalledTool, readInstalled } from "../../tools/installed.ts";
import { availableTools, readDefinition } from "../../tools/registry.ts";
import type { ToolDefinition } from "../../tools/definition.ts";
import { writeAll } from "../output.ts";
import { table } from "../table.ts";

export function list(host: Host, options: { available?: boolean; json?: boolean }): Promise<void> {
  const installed = readInstalled(host);
  const definitions = options.available
    ? availableTools(host).map((name) => readDefinition(host, name)).filter((it) => it !== undefined)
    : [];
  if (options.json) writeAll(Deno.stdout, `${JSON.stringify(toJson(installed, definitions, options), null, 2)}\n`);
  else writeAll(Deno.stdout, options.available ? available(installed, definitions) : installedTable(installed));
  return Promise.resolve();
}

function installedTable(installed: ReadonlyMap<string, InstalledTool>): string {
  if (installed.size === 0) {
    return "No tool is installed. `silo list --available` shows what can be: silo install TOOL\n";
  }
  const rows = [...installed.values()].map((tool) => [
    tool.name,
    tool.version,
    `from ${tool.source}`,
    tool.shims.map((shim) => shim.name).join(", ") || "what the image runs",
  ]);
  return table([["TOOL", "VERSION", "SOURCE", "PROGRAMS"], ...rows]);
}

function available(installed: ReadonlyMap<string, InstalledTool>, definitions: readonly ToolDefinition[]): string {
  const rows = definitions.map((definition) => [
    definition.name,
    installed.get(definition.name)?.version ?? "-",
    definition.description,
  ]);
  return table([["TOOL", "INSTALLED", "WHAT IT IS"], ...rows]);
}

function toJson(
  installed: ReadonlyMap<string, InstalledTool>,
  definitions: readonly ToolDefinition[],
  options: { available?: boolean },
): unknown {
  if (!options.available) {
    return [...installed.values()].map((tool) => ({ ...tool, shims: tool.shims.map((shim) => shim.name) }));
  }
  return definitions.map(({ name, description, shims }) => ({
    name,
    description,
    shims: shims.map((shim) => shim.name),
    installed: installed.get(name)?.version ?? null,
  }));
}
