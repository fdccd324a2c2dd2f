/**
 * What a tool is, as one TOML file of the registry says: `registry/NAME.toml`, or the user's own `registry/NAME.toml`
 * in the silo home, which stands instead of silo's.
 *
 * @module
 */
import type { Settings, StepSetting } from "../config/config.ts";

/** A name that runs a program of a tool. */
export interface Shim {
  readonly name: string;
  /** The program in the sandbox, looked up on its PATH; after it, arguments that come first, with blanks between. */
  readonly command: string;
}

/** One tool of the registry. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** The first is what the tool's own name runs if no shim has that name. */
  readonly shims: readonly Shim[];
  /** The lowest layer of configuration. */
  readonly settings: Settings;
  /** Versions that are offered; none: any that its registry has. See `versions.ts`. */
  readonly versions: readonly string[];
  /** Tools that are installed with it, if they are not there. */
  readonly requires: readonly string[];
  /** Ports that its servers listen on by habit. `silo init` offers them; nothing is forwarded for them alone. */
  readonly ports: readonly number[];
  /** A cheap start of it, done once before its machine is kept: what it reads is in memory in every run. */
  readonly warm: readonly string[];
  /** Its image on a registry; undefined if it has none. */
  readonly image: RegistrySource | undefined;
  /** How to build it from Debian packages; undefined if that is not possible. */
  readonly debian: DebianSource | undefined;
  /** Directories of its own that outlive a run. */
  readonly caches: readonly CacheDefinition[];
  /** Commands that complete its image once, as root in a machine: `post_install`. */
  readonly postInstall: readonly StepSetting[];
  /** Its language server; undefined if it has none. */
  readonly lsp: LanguageServer | undefined;
  /** What makes it a coding agent; undefined if it is none. */
  readonly agent: AgentDefinition | undefined;
}

/** A language server in the tool's sandbox; `[lsp]` in its file. */
export interface LanguageServer {
  /** The server and its arguments; it speaks over stdin and stdout. */
  readonly command: readonly string[];
  /** Commands that install it, run once as root. */
  readonly install: readonly string[];
  /** Identifiers of languages, as editors have them. */
  readonly languages: readonly string[];
  /** Ends of the names of files that it is for. */
  readonly files: readonly string[];
}

/** A coding agent; `[agent]` in its file. */
export interface AgentDefinition {
  /** The name of its command: `silo claude` for claude-code. */
  readonly command: string;
  /** Arguments that keep it from asking before each step: the sandbox is what stands around it. */
  readonly autoApprove: readonly string[];
}

/** A directory that a tool keeps between runs; `[[caches]]` in its file. See docs/caches.md. */
export interface CacheDefinition {
  /** Its directory's name. */
  readonly name: string;
  /** The variable that tells the tool where it is. */
  readonly variable: string;
  /** Never cleaned up by age or size: a login, settings, programs that were installed. */
  readonly noGC: boolean;
  /** `project`: each project has its own, so that none can plant something for another. `tool`: one for all. */
  readonly scope: "project" | "tool";
  /** Where in it the tool installs programs: they are found by PATH, after the image's own. Undefined: nowhere. */
  readonly programs?: string | undefined;
}

/** A repository of a registry with an image a version. */
export interface RegistrySource {
  /** With the registry, without a tag: `docker.io/library/python`. */
  readonly repository: string;
  /** The version that is meant if nobody asks for one. */
  readonly version: string;
  /** The tag of a version, with `{version}` in it; without it the tool's version is not the image's (an agent's). */
  readonly tag: string;
  /** The variable of the image that holds its exact version. */
  readonly versionVariable: string | undefined;
}

/** Debian packages that make up a tool. */
export interface DebianSource {
  readonly suite: string;
  readonly packages: readonly string[];
  /** The package whose version is the tool's; undefined: post-install steps bring the version that is asked for. */
  readonly versionFrom: string | undefined;
  /** In place of the tool's own, where Debian calls the programs differently. */
  readonly shims: readonly Shim[] | undefined;
  /** In place of the tool's own steps. */
  readonly postInstall: readonly StepSetting[] | undefined;
}

/** What a tool, a shim and a file of the registry may be called. */
export const TOOL_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** `NAME` or `NAME:COMMAND`, where the command may have arguments; undefined if it is neither. */
export function parseShim(text: string): Shim | undefined {
  const [name, command = name, ...rest] = text.split(":");
  if (!TOOL_NAME.test(name!) || rest.length > 0 || !/^[^\s]+( [^\s]+)*$/.test(command!)) return undefined;
  return { name: name!, command: command! };
}

/** The inverse of {@link parseShim}. */
export function shimText(shim: Shim): string {
  return shim.name === shim.command ? shim.name : `${shim.name}:${shim.command}`;
}
