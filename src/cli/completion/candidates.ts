/**
 * What the last word of a command line may be: commands, flags, tools, shims.
 *
 * @module
 */
import type { Command } from "commander";
import type { Host } from "../../host.ts";
import { type InstalledTool, readInstalled } from "../../tools/installed.ts";
import { availableTools, readDefinition } from "../../tools/registry.ts";
import { RUN_FLAGS } from "../parse_run.ts";
import { describeProgram } from "../program.ts";

export interface Candidate {
  readonly word: string;
  /** What it is, in some words. */
  readonly text: string;
}

/**
 * The candidates for the last of the words after `silo`.
 *
 * @param words what has been typed; the last may be empty.
 */
export function candidates(host: Host, words: readonly string[]): Candidate[] {
  const last = words.at(-1) ?? "";
  return unique(allCandidates(host, words.slice(0, -1), last)).filter(({ word }) => word.startsWith(last));
}

function allCandidates(host: Host, before: readonly string[], last: string): Candidate[] {
  const program = describeProgram(host, { code: 0 });
  const [first, ...rest] = before;
  if (first === undefined) {
    return [...commandsOf(program), ...runnable(host), ...(last.startsWith("-") ? flags(program) : [])];
  }
  if (first === "run" || first === "shell") return ofRun(host, first, rest, last);
  if (first === "help") return rest.length === 0 ? commandsOf(program) : [];
  let command = find(program, first);
  if (command === undefined) return []; // a tool: its arguments are its own
  let at = 0;
  for (; at < rest.length; at++) {
    const inner = find(command, rest[at]!);
    if (inner === undefined) break;
    command = inner;
  }
  if (last.startsWith("-")) return flags(command);
  return [...commandsOf(command), ...argumentsOf(host, command, rest.slice(at))];
}

/** Flags until the tool is named, then its other programs; after those the files of the shell. */
function ofRun(host: Host, kind: "run" | "shell", words: readonly string[], last: string): Candidate[] {
  for (let at = 0; at < words.length; at++) {
    const flag = RUN_FLAGS.find(({ name }) => name === words[at]);
    if (flag !== undefined && "value" in flag) {
      if (at === words.length - 1) return []; // its value is being typed
      at++;
    } else if (!words[at]!.startsWith("-")) {
      const tool = kind === "run" && at === words.length - 1 ? installed(host).get(words[at]!) : undefined;
      return (tool?.shims ?? []).map(({ name }) => ({ word: name, text: `of ${tool!.name}` }));
    }
  }
  if (last.startsWith("-")) return RUN_FLAGS.map(({ name, text }) => ({ word: name, text }));
  return runnable(host);
}

/** What a command's arguments can be, by their names. */
function argumentsOf(host: Host, command: Command, given: readonly string[]): Candidate[] {
  const values = given.filter((word) => !word.startsWith("-"));
  const args = command.registeredArguments;
  const argument = args[Math.min(values.length, args.length - 1)];
  if (argument === undefined || (values.length >= args.length && !argument.variadic)) return [];
  const tools = [...installed(host).values()].map(({ name, version }) => ({ word: name, text: version }));
  const name = argument.name();
  if (name === "shell") return ["bash", "zsh", "fish", "csh", "tcsh", "pwsh"].map((word) => ({ word, text: "" }));
  if (name === "action") return ["add", "remove", "list"].map((word) => ({ word, text: "" }));
  if (name === "names" && values[1] === "remove") {
    return (installed(host).get(values[0]!)?.shims ?? []).map((shim) => ({ word: shim.name, text: shim.command }));
  }
  if (!name.startsWith("tool")) return [];
  if (!["install", "use", "init", "add", "build", "lsp"].includes(command.name())) return tools;
  const available = availableTools(host).map((word) => ({ word, text: description(host, word) }));
  return [...available, ...tools];
}

function runnable(host: Host): Candidate[] {
  return [...installed(host).values()].flatMap((tool) => [
    { word: tool.name, text: `${tool.name} ${tool.version}` },
    ...tool.shims.map(({ name }) => ({ word: name, text: `of ${tool.name}` })),
  ]);
}

function commandsOf(command: Command): Candidate[] {
  return command.createHelp().visibleCommands(command).map((it) => ({ word: it.name(), text: it.description() }));
}

function flags(command: Command): Candidate[] {
  return command.createHelp().visibleOptions(command).map((it) => ({
    word: it.long ?? it.short ?? "",
    text: it.description,
  }));
}

function find(command: Command, name: string): Command | undefined {
  return command.commands.find((it) => it.name() === name || it.aliases().includes(name));
}

function installed(host: Host): ReadonlyMap<string, InstalledTool> {
  try {
    return readInstalled(host);
  } catch {
    return new Map(); // a damaged file is not what Tab should tell
  }
}

function description(host: Host, name: string): string {
  try {
    return readDefinition(host, name)?.description ?? "";
  } catch {
    return "";
  }
}

function unique(all: readonly Candidate[]): Candidate[] {
  return [...new Map(all.toReversed().map((it) => [it.word, it])).values()].toReversed();
}
