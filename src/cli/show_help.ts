/**
 * `silo help [COMMAND…]`.
 *
 * @module
 */
import type { Command } from "commander";
import { printable, SiloError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { runHelp } from "./help.ts";

/** The commands whose line is parsed before commander is loaded. */
export const RUN_COMMANDS = ["run", "shell", "lsp"] as const;
export type RunCommand = (typeof RUN_COMMANDS)[number];

/**
 * Prints the help of a command, or of all.
 *
 * @throws {SiloError} if there is no such command.
 */
export function showHelp(program: Command, words: readonly string[], write: (text: string) => void): void {
  let command = program;
  for (const [i, word] of words.entries()) {
    const run = RUN_COMMANDS.find((name) => i === 0 && name === word);
    if (run !== undefined) return write(runHelp(run));
    const inner = command.commands.find((it) => it.name() === word || it.aliases().includes(word));
    if (inner === undefined) throw unknown(command, words.slice(0, i + 1));
    command = inner;
  }
  command.outputHelp();
}

function unknown(command: Command, words: readonly string[]): SiloError {
  const names = command.createHelp().visibleCommands(command).map((it) => it.name());
  const guess = nearest(words.at(-1)!, names);
  const before = ["silo", ...words.slice(0, -1)];
  return new SiloError(`could not help with ${printable(words.join(" "))}: silo has no such command`, {
    hint: guess === undefined
      ? `\`${before.join(" ")} --help\` shows what there is; a tool's own help: silo TOOL --help`
      : `Did you mean ${[...before.slice(1), guess].join(" ")}?`,
  });
}
