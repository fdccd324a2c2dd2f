/**
 * The registry: silo's own tools, and the user's under the silo home, which come first.
 *
 * @module
 */
import { parse } from "smol-toml";
import { reasonOf, SiloError } from "../errors.ts";
import { registryDirectories } from "../helper/place.ts";
import type { Host } from "../host.ts";
import { TOOL_NAME, type ToolDefinition } from "./definition.ts";
import { toolDefinition } from "./parse_definition.ts";

function directories(host: Host): string[] {
  return [`${host.siloHome}/registry`, ...registryDirectories()];
}

/**
 * Reads one definition; undefined if no registry has it. Its mistakes are told roughly: {@link checkedDefinition} says
 * more.
 *
 * @throws {SiloError} if the file is malformed.
 */
export function readDefinition(host: Host, name: string): ToolDefinition | undefined {
  const found = findFile(host, name);
  if (found === undefined) return undefined;
  try {
    return toolDefinition(name, parse(found.text), found.file);
  } catch (cause) {
    if (cause instanceof SiloError) throw cause;
    throw new SiloError(`could not use ${found.file}: ${reasonOf(cause).split("\n")[0]}`, { cause });
  }
}

/**
 * Reads one definition with a check of every key; undefined if no registry has it.
 *
 * @throws {SiloError} with file, line, column and key of each mistake.
 */
export async function checkedDefinition(host: Host, name: string): Promise<ToolDefinition | undefined> {
  const found = findFile(host, name);
  if (found === undefined) return undefined;
  const { checkDefinition } = await import("./definition_schema.ts");
  checkDefinition(found.file, found.text);
  return readDefinition(host, name);
}

function findFile(host: Host, name: string): { file: string; text: string } | undefined {
  if (!TOOL_NAME.test(name)) return undefined;
  for (const directory of directories(host)) {
    const file = `${directory}/${name}.toml`;
    try {
      return { file, text: Deno.readTextFileSync(file) };
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) continue;
      throw new SiloError(`could not read ${file}: ${reasonOf(cause)}`, { cause });
    }
  }
  return undefined;
}

/** The names of all tools that can be installed, in order. */
export function availableTools(host: Host): string[] {
  const names = new Set<string>();
  for (const directory of directories(host)) {
    try {
      for (const entry of Deno.readDirSync(directory)) {
        const name = entry.name.replace(/\.toml$/, "");
        if (entry.name.endsWith(".toml") && TOOL_NAME.test(name)) names.add(name);
      }
    } catch { /* the user has none of their own */ }
  }
  return [...names].sort();
}
