/**
 * The language server of a tool, by the tool's definition.
 *
 * @module
 */
import type { RecipeFile } from "../bakes/recipe.ts";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { LanguageServer } from "../tools/definition.ts";
import { readDefinition } from "../tools/registry.ts";

/**
 * The server that a tool's definition names.
 *
 * @throws {SiloError} if it names none.
 */
export function serverOf(host: Host, tool: string): LanguageServer {
  const server = readDefinition(host, tool)?.lsp;
  if (server !== undefined) return server;
  throw new SiloError(`could not start a language server: the definition of ${tool} names none`, {
    hint: `Name it in ${host.siloHome}/registry/${tool}.toml: [lsp] command = ["SERVER", "--stdio"]`,
  });
}

/** The server's own step, on top of all others: nothing is done where the server is there already. */
export function stepsOf(tool: string, { command, install }: LanguageServer, host: Host): RecipeFile | undefined {
  if (install.length === 0) return undefined;
  const step = `command -v ${command[0]} >/dev/null || {\n${install.join("\n")}\n}`;
  return { config: { tools: { [tool]: { post_install: [step] } } }, directory: host.siloHome };
}
