/**
 * A run's command line, from its words to the exit code: `silo run`, `silo shell`, `silo lsp`, `silo TOOL`.
 *
 * @module
 */
import { EXIT } from "../errors.ts";
import { exactArguments } from "../exact_bytes.ts";
import type { SpawnedHelper } from "../helper/spawn.ts";
import { type Host, withVerbosity } from "../host.ts";
import { writeAll } from "./output.ts";
import { parseRun } from "./parse_run.ts";
import { type CommandWords, runTool } from "./run_tool.ts";

export type LineKind = "run" | "shell" | "lsp";

/** Where the words of a run are. */
export interface LineWords {
  /** Words that nobody typed as such, before all others: a program that silo was called as, or that was chosen. */
  readonly before?: readonly string[];
  /** The process's arguments; those before `from` are silo's own. */
  readonly args: readonly string[];
  readonly from: number;
  /** The commands that the first word may be a mistyped one of. */
  readonly commands?: readonly string[];
}

/**
 * Carries it out.
 *
 * @param helper the one that was started for it; undefined: it could not be, or is started when an editor has spoken.
 */
export async function runPath(
  kind: LineKind,
  line: LineWords,
  outer: Host,
  helper: SpawnedHelper | undefined,
): Promise<number> {
  const words = commandWords(line);
  const request = parseRun(kind === "lsp" ? "run" : kind, words.text);
  if (request === "help") {
    const { runHelp } = await import("./help.ts");
    writeAll(Deno.stdout, runHelp(kind));
    return EXIT.OK;
  }
  const host = withVerbosity(outer, request.verbosity);
  if (kind === "lsp") {
    const { lspTool } = await import("./lsp_tool.ts");
    return await lspTool(request, words, host);
  }
  return await runTool(request, { ...words, helper }, host);
}

function commandWords({ before = [], args, from, commands = [] }: LineWords): CommandWords {
  return {
    text: [...before, ...args.slice(from)],
    bytes: [...before, ...exactArguments(args).slice(from)],
    commands,
  };
}
