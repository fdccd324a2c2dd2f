/**
 * Which program a language server is.
 *
 * @module
 */
import { WORKSPACE } from "../engine/workspace.ts";
import type { LanguageServer } from "../tools/definition.ts";
import { isThere } from "../is_there.ts";

/** Where a project keeps programs of its own that run anywhere: scripts of the language itself. */
const LOCAL = "node_modules/.bin";

/**
 * The project's own server where it has one, as npm installs it: then none has to be installed.
 *
 * @param root the project's directory on the host. What is there only decides what is run in the sandbox.
 */
export function withLocalServer(server: LanguageServer, root: string): LanguageServer {
  const [program, ...args] = server.command;
  const local = `${LOCAL}/${program}`;
  if (program === undefined || program.includes("/") || !isThere(`${root}/${local}`)) return server;
  return { ...server, command: [`${WORKSPACE}/${local}`, ...args], install: [] };
}
