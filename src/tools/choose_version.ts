/**
 * Which of several installed versions of a tool is meant. The plain one stands under the tool's name; others beside it
 * under `TOOL@VERSION`.
 *
 * @module
 */
import type { ConfigFile } from "../config/config.ts";
import { SiloError } from "../errors.ts";
import type { InstalledTool } from "./installed.ts";

/** The version that files ask for: the last one that says so. Undefined: whichever is there. */
export function wantedVersion(files: readonly { readonly config: ConfigFile }[], tool: string): string | undefined {
  const said = files.map(({ config }) =>
    config.tools !== undefined && Object.hasOwn(config.tools, tool) ? config.tools[tool]!.version : undefined
  );
  return said.findLast((version) => version !== undefined);
}

/** Whether an installed version is what was asked for: 3.12 is any 3.12.x. */
export function fits(installed: string, wanted: string): boolean {
  return installed === wanted || installed.startsWith(`${wanted}.`) || installed.startsWith(`${wanted}-`);
}

/** The installed tool of that version; undefined if there is none. */
export function installedVersion(
  tools: ReadonlyMap<string, InstalledTool>,
  name: string,
  wanted: string | undefined,
): InstalledTool | undefined {
  const plain = tools.get(name);
  if (wanted === undefined || (plain !== undefined && fits(plain.version, wanted))) return plain;
  const beside = tools.get(`${name}@${wanted}`) ??
    [...tools.values()].find((it) => it.name.startsWith(`${name}@`) && fits(it.version, wanted));
  // It stands in for the tool: settings, caches and shims are by the tool's name.
  return beside && { ...beside, name };
}

/**
 * The tool in the version that the files ask for.
 *
 * @throws {SiloError} that names the command if it is not installed.
 */
export function chooseVersion(
  tools: () => ReadonlyMap<string, InstalledTool>,
  tool: InstalledTool,
  files: readonly { readonly config: ConfigFile }[],
): InstalledTool {
  const wanted = wantedVersion(files, tool.name);
  if (wanted === undefined || fits(tool.version, wanted)) return tool;
  const chosen = installedVersion(tools(), tool.name, wanted);
  if (chosen !== undefined) return chosen;
  throw new SiloError(`could not run ${tool.name}: silo.toml asks for ${wanted}, and ${tool.version} is installed`, {
    hint: `Install it beside: silo use ${tool.name}@${wanted}`,
  });
}
