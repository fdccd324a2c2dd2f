/**
 * The names of silo's commands, those of later versions included. A tool may not be called like one, since `silo NAME`
 * would be ambiguous. Kept apart from the commands themselves, so that a run need not load them.
 *
 * @module
 */

/** The commands there are. */
export const COMMANDS = [
  "run",
  "shell",
  "install",
  "uninstall",
  "list",
  "current",
  "use",
  "unuse",
  "pin",
  "unpin",
  "shim",
  "shellenv",
  "completions",
  "reset",
  "ps",
  "ls",
  "rm",
  "exec",
  "image",
  "build",
  "setup",
  "rebuild",
  "add",
  "sync",
  "pull",
  "apply",
  "projects",
  "clean",
  "cache",
  "prune",
  "config",
  "lsp",
  "ide",
  "net",
  "trust",
  "init",
  "doctor",
  "version",
  "help",
] as const;

/** Names that the plan of silo gives to commands to come: a tool that took one now would be lost then. */
const TO_COME = "reconnect workspace".split(" ");

/** What no tool and no shim may be called. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([...COMMANDS, ...TO_COME]);

export function isCommand(word: string): boolean {
  return (COMMANDS as readonly string[]).includes(word);
}
