/**
 * The manual page, `docs/silo.1`: man(7). Pure.
 *
 * @module
 */
import type { Entry, Flag } from "./entries.ts";

export function manPage(version: string, program: Entry, entries: readonly Entry[]): string {
  return [
    `.TH SILO 1 "" "silo ${version}" "User Commands"`,
    ".SH NAME",
    "silo \\- run development tools, each in a fresh throw-away micro-VM",
    ".SH SYNOPSIS",
    ".B silo\n.I COMMAND\n.RI [ arguments ...]\n.br",
    '.B silo\n.RI [ flags ] " TOOL " [ arguments ...]',
    ".SH DESCRIPTION",
    DESCRIPTION,
    ".SH OPTIONS",
    "Every command takes these:",
    ...program.options.map(option),
    ".SH COMMANDS",
    ...entries.map(command),
    ".SH EXIT STATUS",
    ...EXIT_STATUS.map(([term, text]) => option({ term, text })),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.map(([term, text]) => option({ term, text })),
    ".SH FILES",
    ...FILES.map(([term, text]) => option({ term, text })),
    ".SH EXAMPLES",
    literal(program.notes.slice(program.notes.indexOf("Examples:") + "Examples:\n".length).split("\n\n")[0]!),
  ].join("\n") + "\n";
}

const DESCRIPTION = `Every tool runs in a virtual machine of its own: a real Linux kernel boots, the project's
directory is there and nothing else of this machine, no host is reached that no rule names, and when the tool ends,
the machine is gone. Arguments after the tool are the tool's own, byte for byte.`;

const EXIT_STATUS = [
  ["n", "the tool's own"],
  ["128+n", "signal n ended the tool"],
  ["125", "silo itself failed; the message says what to do"],
  ["126, 127", "the program could not be executed, or was not found in the sandbox"],
] as const;

const ENVIRONMENT = [
  ["SILO_HOME", "where silo keeps what it has (~/.silo)"],
  ["SILO_LOG", "quiet, normal or verbose: what --quiet and --verbose say, for shims, which take no flags"],
  ["NO_COLOR", "no colours"],
] as const;

const FILES = [
  ["silo.toml", "the project's settings: the nearest parent directory that has one is the project"],
  ["~/.silo/silo.toml", "your own settings"],
  ["~/.silo/config.toml", "the installed tools"],
  ["~/.silo/registry/NAME.toml", "your own definitions of tools"],
  ["~/.silo/bin", "the shims; silo shellenv puts it on PATH"],
] as const;

function command({ usage, description, options, notes }: Entry): string {
  const parts = [`.SS ${quotedArgument(usage)}`, escaped(`${description.replace(/\.$/, "")}.`)];
  parts.push(...options.filter(({ term }) => !/--(help|quiet|verbose)$/.test(term)).map(option));
  if (notes !== "") parts.push(".PP", literal(notes));
  return parts.join("\n");
}

function option({ term, text }: Flag): string {
  return `.TP\n.B ${escaped(term)}\n${escaped(text)}`;
}

function literal(text: string): string {
  return `.nf\n${escaped(text)}\n.fi`;
}

function quotedArgument(text: string): string {
  return `"${escaped(text).replaceAll('"', "\\(dq")}"`;
}

/** groff_char(7): what roff would take for something else, at the beginnings of lines as well. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("`", "\\(ga").replaceAll("…", "...")
    .replaceAll("'", "\\(aq").replaceAll("^", "\\(ha").replaceAll("~", "\\(ti").replaceAll(/^\./gm, "\\&.");
}
