/**
 * silo's own words beside what was asked for, as many as are wanted: `--quiet`, `--verbose`, `SILO_LOG`.
 *
 * @module
 */
import { printable } from "../errors.ts";
import type { Host } from "../host.ts";
import { hanging } from "./break_line.ts";
import { writeAll } from "./output.ts";
import { columnsOf } from "./terminal_width.ts";

type Speaker = Pick<Host, "terminals" | "verbosity">;

/** What was done, on stdout: "Installed python". Nothing if quiet. Control characters are replaced. */
export function say(host: Speaker, text: string): void {
  if (host.verbosity === "quiet") return;
  writeAll(Deno.stdout, `${hanging(printable(text), columnsOf(host, "stdout"), 2)}\n`);
}

/** What a person should know, on stderr, as silo's. Nothing if quiet. Control characters are replaced. */
export function note(host: Speaker, text: string): void {
  if (host.verbosity !== "quiet") warn(host, text);
}

/** What a person must know, however quiet it is to be. */
export function warn(host: Pick<Host, "terminals">, text: string): void {
  const lines = hanging(`silo: ${printable(text)}`, columnsOf(host, "stderr"), "silo: ".length);
  // In raw mode a newline does not return the carriage; in cooked mode the extra return does no harm.
  const whole = `${lines}\n`;
  writeAll(Deno.stderr, host.terminals.stderr ? whole.replaceAll("\n", "\r\n") : whole);
}

/** What silo does, and why: only with `--verbose`. */
export function explain(host: Speaker, text: string): void {
  if (host.verbosity === "verbose") warn(host, text);
}
