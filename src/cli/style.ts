/**
 * Colours, where they are wanted.
 *
 * @module
 */
import type { Host } from "../host.ts";

export type Style = "green" | "yellow" | "red" | "bold";

const CODES: Record<Style, number> = { green: 32, yellow: 33, red: 31, bold: 1 };

/** Colours: on a terminal, unless NO_COLOR (no-color.org) is set to anything. */
export function wantsColour(host: Pick<Host, "env" | "terminals">, stream: "stdout" | "stderr" = "stdout"): boolean {
  return host.terminals[stream] && !host.env.NO_COLOR && host.env.TERM !== "dumb";
}

export function paint(text: string, style: Style): string {
  return `\x1b[${CODES[style]}m${text}\x1b[0m`;
}
