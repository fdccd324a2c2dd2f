/**
 * The names of silo's commands. A tool may not be called like one of them, since `silo NAME` would be ambiguous. Kept
 * apart from the commands themselves, so that a run need not load them.
 *
 * @module
 */
export const COMMANDS = ["run", "shell", "install", "uninstall", "list", "trust", "doctor", "version", "help"] as const;
export type CommandName = (typeof COMMANDS)[number];

export function isCommand(word: string): word is CommandName {
  return (COMMANDS as readonly string[]).includes(word);
}
