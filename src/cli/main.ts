/**
 * Where every command begins: picks the path of a run, which loads as little as it can, or the other commands.
 *
 * @module
 */
import { EXIT, explainSystemError, renderError, SiloError } from "../errors.ts";
import { exactArguments } from "../exact_bytes.ts";
import { type Host, realHost } from "../host.ts";
import { spawnEarly } from "../helper/spawn.ts";
import { COMMANDS, isCommand } from "../tools/reserved_names.ts";
import { writeAll } from "./output.ts";
import { parseRun } from "./parse_run.ts";
import { withSafePath } from "./safe_path.ts";

/**
 * Runs one command line to its end.
 *
 * @returns the exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const host = withSafePath(realHost());
    const [first] = args;
    if (first === "run" || first === "shell" || first === "lsp") return await runPath(first, args, 1, host);
    if (first !== undefined && !first.startsWith("-") && !isCommand(first)) return await runPath("run", args, 0, host);
    if (first === undefined) {
      const { plainChoice } = await import("./plain.ts");
      const chosen = await plainChoice(host);
      if (chosen !== undefined) return await runPath("run", [chosen], 0, host);
    }
    const { otherCommand } = await import("./program.ts");
    return await otherCommand(args, host);
  } catch (error) {
    const shown = explainSystemError(explainStaleCheckout(error));
    writeAll(Deno.stderr, renderError(shown));
    return shown instanceof SiloError ? shown.exitCode : EXIT.SILO;
  }
}

/** A checkout runs with what was fetched before; after an update something may be missing. */
function explainStaleCheckout(error: unknown): unknown {
  if (!(error instanceof TypeError) || !error.message.includes("--cached-only")) return error;
  return new SiloError("could not start: a library of this version has not been fetched yet", {
    hint: "Run scripts/quickstart.",
    cause: error,
  });
}

async function runPath(
  kind: "run" | "shell" | "lsp",
  args: readonly string[],
  skip: number,
  host: Host,
): Promise<number> {
  const words = args.slice(skip);
  const request = parseRun(kind === "lsp" ? "run" : kind, words);
  if (request === "help") {
    const { runHelp } = await import("./help.ts");
    writeAll(Deno.stdout, runHelp(kind));
    return EXIT.OK;
  }
  if (kind === "lsp") {
    const { lspTool } = await import("./lsp_tool.ts");
    return await lspTool(request, { text: words, bytes: exactArguments(args).slice(skip), commands: [] }, host);
  }
  const helper = spawnEarly(host);
  const { runTool } = await import("./run_tool.ts");
  // In `silo WORD` the word may be a mistyped command as well.
  const commands = skip === 0 ? COMMANDS : [];
  return await runTool(request, { text: words, bytes: exactArguments(args).slice(skip), commands, helper }, host);
}
