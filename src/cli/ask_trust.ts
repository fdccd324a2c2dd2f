/**
 * The question whether a project's `silo.toml` may open what it wants to open.
 *
 * @module
 */
import type { AskTrust } from "../config/trust.ts";
import { printable } from "../errors.ts";
import { writeAll } from "./output.ts";

/** Asks on the terminal; only a plain yes counts. */
export function askTrust({ path, widens, before }: Parameters<AskTrust>[0]): Promise<boolean> {
  const list = widens.map((line) => `  + the sandbox ${line}\n`).join("");
  const than = before ? "you accepted before" : "the project itself";
  writeAll(Deno.stderr, `silo: ${printable(path)} asks for more than ${than}:\n${list}`);
  writeAll(Deno.stderr, "Accept this? [y/N] ");
  return Promise.resolve(/^y(es)?$/i.test(readLine().trim()));
}

/** One line of stdin, byte by byte: what follows it belongs to the tool. */
function readLine(): string {
  const bytes: number[] = [];
  const byte = new Uint8Array(1);
  while (Deno.stdin.readSync(byte) === 1 && byte[0] !== 10 && bytes.length < 1_000) bytes.push(byte[0]!);
  return new TextDecoder().decode(new Uint8Array(bytes));
}
