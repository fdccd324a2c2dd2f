/**
 * Where every command begins: picks the path of a run, which loads as little as it can, or the other commands.
 *
 * @module
 */
import { type ErrorLook, EXIT, explainSystemError, renderError, SiloError } from "../errors.ts";
import { exactArguments } from "../exact_bytes.ts";
import { type Host, realHost, type Verbosity } from "../host.ts";
import { spawnEarly } from "../helper/spawn.ts";
import { COMMANDS, isCommand } from "../tools/reserved_names.ts";
import { leadingFlags } from "./global_flags.ts";
import { writeAll } from "./output.ts";
import { parseRun } from "./parse_run.ts";
import type { CommandWords } from "./run_tool.ts";
import { withSafePath } from "./safe_path.ts";

/**
 * Runs one command line to its end.
 *
 * @param name the program that silo was called as, if not as itself.
 * @returns the exit code.
 */
export async function main(args: readonly string[], name?: string): Promise<number> {
  let host: Host | undefined;
  try {
    const leading = name === undefined ? leadingFlags(args) : { count: 0 };
    const at = leading.count;
    host = withVerbosity(withSafePath(realHost()), leading.verbosity);
    const exact = exactArguments(args);
    const words = (from: number): CommandWords => ({ text: args.slice(from), bytes: exact.slice(from), commands: [] });
    if (name !== undefined) {
      return await runPath("run", { text: [name, "--", ...args], bytes: [name, "--", ...exact], commands: [] }, host);
    }
    const first = args[at];
    if (first === "run" || first === "shell" || first === "lsp") return await runPath(first, words(at + 1), host);
    if (first !== undefined && !first.startsWith("-") && !isCommand(first)) {
      // The word may be a mistyped command as well.
      return await runPath("run", { ...words(at), commands: COMMANDS }, host);
    }
    if (first === undefined) {
      const { plainChoice } = await import("./plain.ts");
      const chosen = await plainChoice(host);
      if (chosen !== undefined) return await runPath("run", { text: [chosen], bytes: [chosen], commands: [] }, host);
    }
    const { otherCommand } = await import("./program.ts");
    return await otherCommand(args.slice(at), host);
  } catch (error) {
    const shown = explainSystemError(explainStaleCheckout(error));
    writeAll(Deno.stderr, renderError(shown, await lookOfErrors(host)));
    return shown instanceof SiloError ? shown.exitCode : EXIT.SILO;
  }
}

/** For a person at a terminal an error is broken at blanks and coloured; a program gets it as it is. */
async function lookOfErrors(host: Host | undefined): Promise<ErrorLook> {
  const verbose = host?.verbosity === "verbose";
  if (!host?.terminals.stderr) return { verbose };
  const [{ columnsOf }, { hanging }, { paint, wantsColour }] = await Promise.all([
    import("./terminal_width.ts"),
    import("./break_line.ts"),
    import("./style.ts"),
  ]);
  return {
    verbose,
    fit: (text, indent) => hanging(text, columnsOf(host, "stderr"), indent),
    mark: (text) => wantsColour(host, "stderr") ? paint(text, "red") : text,
  };
}

function withVerbosity(host: Host, verbosity: Verbosity | undefined): Host {
  return verbosity === undefined ? host : { ...host, verbosity };
}

/** A checkout runs with what was fetched before; after an update something may be missing. */
function explainStaleCheckout(error: unknown): unknown {
  if (!(error instanceof TypeError) || !error.message.includes("--cached-only")) return error;
  return new SiloError("could not start: a library of this version has not been fetched yet", {
    hint: "Run scripts/quickstart.",
    cause: error,
  });
}

async function runPath(kind: "run" | "shell" | "lsp", words: CommandWords, outer: Host): Promise<number> {
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
  const helper = spawnEarly(host);
  const { runTool } = await import("./run_tool.ts");
  return await runTool(request, { ...words, helper }, host);
}
