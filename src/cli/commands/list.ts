/** `silo list` */
import type { Host } from "../../host.ts";
import { syncShims } from "../../shims/sync_shims.ts";
import { type InstalledTool, readInstalled } from "../../tools/installed.ts";
import { availableTools, readDefinition } from "../../tools/registry.ts";
import type { ToolDefinition } from "../../tools/definition.ts";
import { writeAll } from "../output.ts";
import { table } from "../table.ts";
import { columnsOf } from "../terminal_width.ts";

export async function list(host: Host, options: { available?: boolean; json?: boolean }): Promise<void> {
  const installed = readInstalled(host);
  await syncShims(host, installed.values()); // what a killed install left undone
  const definitions = options.available
    ? availableTools(host).map((name) => readDefinition(host, name)).filter((it) => it !== undefined)
    : [];
  const columns = columnsOf(host, "stdout");
  if (options.json) writeAll(Deno.stdout, `${JSON.stringify(toJson(installed, definitions, options), null, 2)}\n`);
  else {writeAll(
      Deno.stdout,
      options.available ? available(installed, definitions, columns) : installedTable(installed, columns),
    );}
}

function installedTable(installed: ReadonlyMap<string, InstalledTool>, columns: number): string {
  if (installed.size === 0) {
    return "No tool is installed. `silo list --available` shows what can be: silo install TOOL\n";
  }
  const tools = [...installed.values()];
  const rows = tools.map((tool) => [
    tool.name,
    tool.version,
    `from ${shortSource(tool.source)}`,
    programsOf(tool),
  ]);
  return table([["TOOL", "VERSION", "SOURCE", "PROGRAMS"], ...rows], columns) +
    (tools.some((tool) => tool.projectsOnly) ? "\n* only in projects that name the tool: silo pin TOOL\n" : "");
}

/** The registry that everybody means goes without saying. */
function shortSource(source: string): string {
  return source.replace(/^docker\.io\/(library\/)?/, "");
}

/** Some of them; `silo shim TOOL list` has them all. */
function programsOf({ name, shims, projectsOnly }: InstalledTool): string {
  if (name.includes("@")) return "where silo.toml asks for it";
  if (shims.length === 0) return "what the image runs";
  const shown = shims.slice(0, 4).map((shim) => shim.name).join(", ");
  return `${shown}${shims.length > 4 ? ", …" : ""}${projectsOnly ? " *" : ""}`;
}

function available(
  installed: ReadonlyMap<string, InstalledTool>,
  definitions: readonly ToolDefinition[],
  columns: number,
): string {
  const rows = definitions.map((definition) => [
    definition.name,
    installed.get(definition.name)?.version ?? "-",
    definition.description,
  ]);
  return table([["TOOL", "INSTALLED", "WHAT IT IS"], ...rows], columns);
}

function toJson(
  installed: ReadonlyMap<string, InstalledTool>,
  definitions: readonly ToolDefinition[],
  options: { available?: boolean },
): unknown {
  if (!options.available) {
    return [...installed.values()].map((tool) => ({ ...tool, shims: tool.shims.map((shim) => shim.name) }));
  }
  return definitions.map(({ name, description, shims, versions }) => ({
    name,
    description,
    versions,
    shims: shims.map((shim) => shim.name),
    installed: installed.get(name)?.version ?? null,
  }));
}
