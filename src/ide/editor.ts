/**
 * What `silo ide` knows of an editor.
 *
 * @module
 */
import type { Host } from "../host.ts";

/** A tool's language server, as an editor is told to start it. */
export interface Server {
  readonly tool: string;
  /** The server's own name, as `pylsp`. */
  readonly program: string;
  /** Identifiers of languages, as the protocol has them. */
  readonly languages: readonly string[];
  /** What is started in the server's place. */
  readonly command: readonly string[];
  /** A program that does the same without arguments, and answers `--version`; it is there after `apply`. */
  readonly wrapper: string;
}

export interface Editor {
  /** For people. */
  readonly name: string;
  /** The person's own settings. Not the project's: a sandbox can write those. */
  file(host: Host): string;
  /**
   * The text of the settings with the servers in them, or without. The same again if nothing is to be done.
   *
   * @throws {import("../errors.ts").SiloError} if the text cannot be changed in place.
   */
  change(text: string, servers: readonly Server[], what: "add" | "remove"): string | Promise<string>;
  /** Whether the editor can start a server of this kind at all. */
  takes?(server: Server): boolean;
  /** What a person has to know or do, a line each. */
  notes?(servers: readonly Server[]): readonly string[];
}

/** Where programs keep their settings: the XDG Base Directory Specification. */
export function configDirectory(host: Host): string {
  const named = host.env.XDG_CONFIG_HOME;
  return named?.startsWith("/") ? named : `${host.home}/.config`;
}
