/**
 * How the help of every command looks: as the help of runs does.
 *
 * @module
 */
import { type Argument, type Command, type HelpConfiguration, Option } from "commander";
import { COLUMNS } from "./fit.ts";
import { GLOBAL_FLAGS } from "./global_flags.ts";
import { examplesOf } from "./lay_out_examples.ts";

export const HELP_FORMAT: HelpConfiguration = {
  helpWidth: COLUMNS,
  subcommandTerm: (command) => [command.name(), ...command.aliases()].join(", "),
  commandUsage: (command) => `${pathOf(command)} ${usageOf(command)}`.trim(),
  commandDescription: (command) => {
    const also = command.aliases().length === 0 ? "" : ` Also: ${command.aliases().join(", ")}.`;
    const text = command.description();
    return text === "" ? "" : `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.?$/, ".")}${also}`;
  },
  optionTerm: ({ flags }) => flags.replace(/<(.*)>/, (_, value: string) => value.toUpperCase()),
  optionDescription: ({ description }) => description,
  visibleArguments: (command) =>
    command.registeredArguments.filter(({ description }) => description !== "") as Argument[],
  argumentTerm: (argument) => argument.name().toUpperCase(),
  styleTitle: (title) => title === "Options:" ? "Flags:" : title,
};

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** What was said of it, else flags and arguments as `silo run` writes them. */
function usageOf(command: Command): string {
  const said = command.usage();
  if (!said.startsWith("[options]")) return said;
  const args = command.registeredArguments.map((argument) => {
    const name = `${argument.name().toUpperCase()}${argument.variadic ? "…" : ""}`;
    return argument.required ? name : `[${name}]`;
  });
  return ["[flags]", ...args].join(" ");
}

/** Gives a command and all under it what all have: the global flags, and of their group's examples their own. */
export function completeCommands(command: Command, groupExamples = ""): void {
  const has = (flag: string) => command.options.some((option) => option.short === flag || option.long === flag);
  for (const { short, name, text } of GLOBAL_FLAGS) {
    if (!has(name)) command.addOption(new Option(has(short) ? name : `${short}, ${name}`, text).helpGroup(EVERYWHERE));
  }
  command.addHelpOption(new Option("-h, --help", OWN_HELP).helpGroup(EVERYWHERE));
  if (command.commands.length > 0 && command.parent !== null) command.helpCommand("help [command]", OWN_HELP);
  const own = addedText(command);
  const inherited = own === "" ? examplesOf(groupExamples, pathOf(command)) : undefined;
  if (inherited !== undefined) command.addHelpText("after", inherited);
  for (const inner of command.commands) {
    if (inner.name() !== "run" && inner.name() !== "shell" && inner.name() !== "lsp") {
      completeCommands(inner, own === "" ? groupExamples : own);
    }
  }
}

const OWN_HELP = "print this, or a command's own help";
const EVERYWHERE = "Flags of every command:";

/** What stands after a command's help. */
function addedText(command: Command): string {
  let text = "";
  // It is an EventEmitter, which its types do not tell.
  const emitter = command as unknown as { emit(event: "afterHelp", context: object): void };
  emitter.emit("afterHelp", { error: false, command, write: (part: string) => text += part });
  return text;
}
