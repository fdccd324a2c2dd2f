/**
 * The registry: silo's own tools, and the user's under the silo home, which come first.
 *
 * @module
 */
import { parse } from "smol-toml";
import { reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { TOOL_NAME, type ToolDefinition, toolDefinition } from "./definition.ts";

/** silo's own definitions, beside the sources or embedded in the compiled program. */
const OWN = decodeURIComponent(new URL("../../registry", import.meta.url).pathname);

function directories(host: Host): string[] {
  return [`${host.siloHome}/registry`, OWN];
}

/**
 * Reads one definition; undefined if no registry has it.
 *
 * @throws {SiloError} if the file is malformed.
 */
export function readDefinition(host: Host, name: string): ToolDefinition | undefined {
  if (!TOOL_NAME.test(name)) return undefined;
  for (const directory of directories(host)) {
    const file = `${directory}/${name}.toml`;
    let text: string;
    try {
      text = Deno.readTextFileSync(file);
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) continue;
      throw new SiloError(`could not read ${file}: ${reasonOf(cause)}`, { cause });
    }
    try {
      return toolDefinition(name, parse(text), file);
    } catch (cause) {
      if (cause instanceof SiloError) throw cause;
      throw new SiloError(`could not use ${file}: ${reasonOf(cause).split("\n")[0]}`, { cause });
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
