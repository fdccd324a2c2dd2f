/**
 * The commands as data, read off the same definitions that `--help` is made of.
 *
 * @module
 */
import type { Command } from "commander";
import type { Host } from "../../host.ts";
import { describeProgram } from "../program.ts";
import { EXAMPLES, runFlags, runHelp } from "../help.ts";
import { fitted } from "../fit.ts";

export interface Entry {
  /** `silo config network allow` */
  readonly name: string;
  /** `silo image rm <image...>` */
  readonly usage: string;
  readonly description: string;
  readonly options: readonly Flag[];
  /** What stands under the help: remarks, and examples. Without blank lines at its ends; may be empty. */
  readonly notes: string;
  /** The whole help, as it is printed. */
  readonly help: string;
}

export interface Flag {
  readonly term: string;
  readonly text: string;
}

/** Every command that does something, in the order of the help. */
export function commandEntries(host: Host): Entry[] {
  let written = "";
  const program = describeProgram(host, { code: 0 }, (text) => written += text);
  const helpOf = (command: Command) => {
    written = "";
    command.outputHelp();
    return written;
  };
  const entries: Entry[] = [];
  const visit = (command: Command, name: string, inherited: string) => {
    for (const inner of command.createHelp().visibleCommands(command)) {
      const full = `${name} ${inner.name()}`;
      if (inner.name() === "help") continue;
      if (["silo run", "silo shell", "silo lsp"].includes(full)) {
        entries.push(runEntry(inner.name() as "run" | "shell" | "lsp"));
        continue;
      }
      const notes = notesOf(inner, helpOf(inner));
      if (inner.commands.length > 0) visit(inner, full, notes || inherited);
      else entries.push(entryOf(inner, full, notes || inherited, helpOf(inner)));
    }
  };
  visit(program, "silo", "");
  return entries;
}

/** The flags and remarks of `silo` itself. */
export function programEntry(host: Host): Entry {
  let written = "";
  const program = describeProgram(host, { code: 0 }, (text) => written += text);
  program.outputHelp();
  return entryOf(program, "silo", EXAMPLES.trim(), written);
}

function entryOf(command: Command, name: string, notes: string, help: string): Entry {
  const helper = command.createHelp();
  const aliases = command.aliases().map((alias) => name.replace(/[^ ]+$/, alias));
  return {
    name,
    usage: helper.commandUsage(command).split("\n")[0]!.trim(),
    description: capital(command.description()) + (aliases.length > 0 ? ` (also: ${aliases.join(", ")})` : ""),
    options: helper.visibleOptions(command).map((option) => ({
      term: helper.optionTerm(option),
      text: helper.optionDescription(option),
    })),
    notes,
    help,
  };
}

function runEntry(kind: "run" | "shell" | "lsp"): Entry {
  const help = runHelp(kind);
  const at = help.indexOf("Examples:");
  return {
    name: `silo ${kind}`,
    usage: `silo ${kind} [flags] TOOL [args…]`,
    description: help.split("\n\n")[1]!.replaceAll("\n", " "),
    options: runFlags(kind),
    notes: at < 0 ? "" : help.slice(at).trim(),
    help,
  };
}

/** What was added to a command's help. */
function notesOf(command: Command, help: string): string {
  const own = fitted(command.helpInformation()).trimEnd().split("\n").length;
  return help.split("\n").slice(own).join("\n").trim();
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
