/**
 * The files that are made from the definitions of the commands.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { commandEntries, programEntry } from "../../src/cli/reference/entries.ts";
import { manPage } from "../../src/cli/reference/man.ts";
import { markdownReference } from "../../src/cli/reference/markdown.ts";
import { realHost } from "../../src/host.ts";
import { VERSION } from "../../src/version.ts";

/** Paths and what should be in them; the same on every machine. */
export function references(): [path: string, text: string][] {
  const host = { ...realHost(), terminals: { stdin: false, stdout: false, stderr: false } };
  const [program, entries] = [programEntry(host), commandEntries(host)];
  const path = (name: string) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
  return [
    [path("commands.md"), markdownReference(program, entries)],
    [path("silo.1"), manPage(VERSION, program, entries)],
  ];
}
