/**
 * Where every command begins: picks the path of a run or the other commands. What is imported here is what a run needs
 * until its helper starts, and nothing else: each module is a fifth of a millisecond before it.
 *
 * @module
 */
import { type ErrorLook, EXIT, explainSystemError, renderError, SiloError } from "../errors.ts";
import { type Host, realHost, withVerbosity } from "../host.ts";
import { spawnEarly } from "../helper/spawn.ts";
import { COMMANDS, isCommand } from "../tools/reserved_names.ts";
import { leadingFlags } from "./global_flags.ts";
import type { LineKind, LineWords } from "./run_path.ts";
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
    host = withVerbosity(await withSafePath(realHost()), leading.verbosity);
    if (name !== undefined) return await runLine("run", { before: [name, "--"], args, from: 0 }, host);
    const first = args[at];
    if (first === "run" || first === "shell" || first === "lsp") {
      return await runLine(first, { args, from: at + 1 }, host);
    }
    if (first !== undefined && !first.startsWith("-") && !isCommand(first)) {
      // The word may be a mistyped command as well.
      return await runLine("run", { args, from: at, commands: COMMANDS }, host);
    }
    if (first === undefined) {
      const { plainChoice } = await import("./plain.ts");
      const chosen = await plainChoice(host);
      if (chosen !== undefined) return await runLine("run", { before: [chosen], args: [], from: 0 }, host);
    }
    const words = args.slice(at + 1);
    if (first === "shellenv" && words.length <= 1 && !words[0]?.startsWith("-") && host.verbosity !== "verbose") {
      // A shell waits for it whenever it starts: half of the time is the parser of all other commands.
      const { shellenv } = await import("./commands/tools/shellenv.ts");
      await shellenv(host, words[0]);
      return EXIT.OK;
    }
    const { otherCommand } = await import("./program.ts");
    return await otherCommand(args.slice(at), host);
  } catch (error) {
    const shown = explainSystemError(explainStaleCheckout(error));
    const { writeAll } = await import("./output.ts");
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

/** A checkout runs with what was fetched before; after an update something may be missing. */
function explainStaleCheckout(error: unknown): unknown {
  if (!(error instanceof TypeError) || !error.message.includes("--cached-only")) return error;
  return new SiloError("could not start: a library of this version has not been fetched yet", {
    hint: "Run scripts/quickstart.",
    cause: error,
  });
}

/** A run's helper starts while the rest of silo is loaded, and the words are looked at. */
async function runLine(kind: LineKind, words: LineWords, host: Host): Promise<number> {
  const helper = kind === "lsp" ? undefined : spawnEarly(host);
  const { runPath } = await import("./run_path.ts");
  return await runPath(kind, words, host, helper);
}
