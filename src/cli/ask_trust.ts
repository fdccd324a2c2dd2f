/**
 * The question whether a project's `silo.toml` may open what it wants to open.
 *
 * @module
 */
import type { AskTrust } from "../config/trust.ts";
import type { Host } from "../host.ts";
import { printable } from "../errors.ts";
import { askYes } from "./ask.ts";
import { hanging } from "./break_line.ts";
import { writeAll } from "./output.ts";
import { paint, wantsColour } from "./style.ts";
import { columnsOf } from "./terminal_width.ts";
import { tilde } from "./tilde.ts";

/** Asks on the terminal; only a plain yes counts. */
export function askTrust(host: Host, question: Parameters<AskTrust>[0]): Promise<boolean> {
  showTrust(host, question);
  return Promise.resolve(askYes("Accept this?"));
}

/** Shows what is asked about, without asking. */
export function showTrust(host: Host, question: Parameters<AskTrust>[0]): void {
  writeAll(Deno.stderr, trustText(host, question, columnsOf(host, "stderr"), wantsColour(host, "stderr")));
}

/** What is asked about, as a diff: each line something that the sandbox may do from now on. */
export function trustText(
  host: Pick<Host, "home">,
  { path, widens, before }: Parameters<AskTrust>[0],
  columns: number,
  colour: boolean,
): string {
  const than = before ? "you accepted before" : "the project itself";
  const head = hanging(`silo: ${tilde(host, path)} asks for more than ${than}. The sandbox`, columns, "silo: ".length);
  const lines = widens.map((line) => {
    const text = hanging(`  + ${printable(line)}`, columns, 2);
    return `${colour ? paint(text, "green") : text}\n`;
  });
  return `${head}\n${lines.join("")}`;
}
