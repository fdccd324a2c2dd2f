/**
 * Which installed tool a word means, and what it runs.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { nearest } from "../nearest.ts";
import { findInstalled, findShim, type InstalledTool, readInstalled } from "./installed.ts";
import { availableTools, readDefinition } from "./registry.ts";

/** A tool that can be run. */
export interface ResolvedTool {
  readonly tool: InstalledTool;
  /** The program to run; undefined: what the image runs by itself. */
  readonly command: string | undefined;
  /** How many of the tool's arguments are used up by the choice of the program: 1 for `run python pip …`. */
  readonly argumentsUsed: 0 | 1;
}

/**
 * Finds the tool of a word: a tool's name or a shim's.
 *
 * @param first the first argument after the word, if it may name another program of the same tool.
 * @param commands words that a typing error may have meant as well.
 * @throws {SiloError} if no such tool is installed.
 */
export function resolveTool(
  host: Host,
  word: string,
  first: string | undefined,
  commands: readonly string[],
): ResolvedTool {
  const found = findInstalled(host, word);
  if (found === undefined) throw notInstalled(host, word, commands);
  const sibling = first === undefined ? undefined : findShim(found.tool, first);
  if (sibling !== undefined) return { tool: found.tool, command: sibling.command, argumentsUsed: 1 };
  return { ...found, argumentsUsed: 0 };
}

function notInstalled(
  host: Host,
  word: string,
  commands: readonly string[],
): SiloError {
  const installed = readInstalled(host);
  const available = availableTools(host);
  const owner = available.find((name) =>
    name === word || readDefinition(host, name)?.shims.some((shim) => shim.name === word)
  );
  if (owner !== undefined) {
    const whose = owner === word ? "" : ` (${word} belongs to ${owner})`;
    return new SiloError(`could not run ${word}: ${owner} is not installed${whose}`, {
      hint: `Install it: silo install ${owner}`,
    });
  }
  const shims = [...installed.values()].flatMap((tool) => tool.shims.map((shim) => shim.name));
  const guess = nearest(word, [...commands, ...installed.keys(), ...shims, ...available]);
  return new SiloError(`could not run ${word}: it is not installed, and no tool of that name is known`, {
    hint: guess ? `Did you mean ${guess}?` : "`silo list --available` shows the tools that `silo install` knows.",
  });
}
