/**
 * What every command takes, wherever it stands.
 *
 * @module
 */
import type { Verbosity } from "../host.ts";

export const GLOBAL_FLAGS = [
  { short: "-q", name: "--quiet", text: "say nothing but errors and what was asked for" },
  { short: "-v", name: "--verbose", text: "say on stderr what silo does, and why" },
] as const;

/** The flags before the first word, `silo -q run …`: how many they are, and what the last of them says. */
export function leadingFlags(args: readonly string[]): { count: number; verbosity?: Verbosity } {
  let count = 0;
  let verbosity: Verbosity | undefined;
  for (; count < args.length; count++) {
    const flag = GLOBAL_FLAGS.find(({ short, name }) => args[count] === short || args[count] === name);
    if (flag === undefined) break;
    verbosity = flag.name === "--quiet" ? "quiet" : "verbose";
  }
  return { count, ...(verbosity !== undefined && { verbosity }) };
}
