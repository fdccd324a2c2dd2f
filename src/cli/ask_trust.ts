/**
 * The question whether a project's `silo.toml` may open what it wants to open.
 *
 * @module
 */
import { printable } from "../errors.ts";
import { writeAll } from "./output.ts";

/** Asks on the terminal; only a plain yes counts. */
export function askTrust(question: { path: string; widens: readonly string[] }): Promise<boolean> {
  const list = question.widens.map((line) => `  - the sandbox ${line}\n`).join("");
  writeAll(Deno.stderr, `silo: ${printable(question.path)} asks for more than the project itself:\n${list}`);
  writeAll(Deno.stderr, "Accept this file as it is now? [y/N] ");
  return Promise.resolve(/^y(es)?$/i.test(readLine().trim()));
}

/** One line of stdin, byte by byte: what follows it belongs to the tool. */
function readLine(): string {
  const bytes: number[] = [];
  const byte = new Uint8Array(1);
  while (Deno.stdin.readSync(byte) === 1 && byte[0] !== 10 && bytes.length < 1_000) bytes.push(byte[0]!);
  return new TextDecoder().decode(new Uint8Array(bytes));
}
