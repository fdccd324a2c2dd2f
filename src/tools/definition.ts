/**
 * What a tool is, as one TOML file of the registry says: `registry/NAME.toml`, or the user's own `registry/NAME.toml`
 * in the silo home, which stands instead of silo's.
 *
 * @module
 */
import type { Settings, StepSetting } from "../config/config.ts";
import { SiloError } from "../errors.ts";

/** A name that runs a program of a tool. */
export interface Shim {
  readonly name: string;
  /** The program in the sandbox, looked up on its PATH. */
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
  /** Its image on a registry; undefined if it has none. */
  readonly image: RegistrySource | undefined;
  /** How to build it from Debian packages; undefined if that is not possible. */
  readonly debian: DebianSource | undefined;
  /** Directories of its own that outlive a run. */
  readonly caches: readonly CacheDefinition[];
  /** Commands that complete its image once, as root in a machine: `post_install`. */
  readonly postInstall: readonly StepSetting[];
}

/** A directory that a tool keeps between runs; `[[caches]]` in its file. See docs/caches.md. */
export interface CacheDefinition {
  /** Its directory's name. */
  readonly name: string;
  /** The variable that tells the tool where it is. */
  readonly variable: string;
  /** Never cleaned up by age or size: a login, settings. */
  readonly noGC: boolean;
  /** `project`: each project has its own, so that none can plant something for another. `tool`: one for all. */
  readonly scope: "project" | "tool";
}

/** A repository of a registry with an image a version. */
export interface RegistrySource {
  /** With the registry, without a tag: `docker.io/library/python`. */
  readonly repository: string;
  /** The tag that is meant if nobody asks for a version. */
  readonly version: string;
  /** The variable of the image that holds its exact version. */
  readonly versionVariable: string | undefined;
}

/** Debian packages that make up a tool. */
export interface DebianSource {
  readonly suite: string;
  readonly packages: readonly string[];
  /** The package whose version is the tool's. */
  readonly versionFrom: string;
}

/** What a tool, a shim and a file of the registry may be called. */
export const TOOL_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/**
 * Takes a parsed TOML file for a definition. Checked by hand, since a run reads one.
 *
 * @throws {SiloError} that names the file and the field.
 */
export function toolDefinition(name: string, value: Record<string, unknown>, file: string): ToolDefinition {
  const wrong = (field: string, expected: string) =>
    new SiloError(`could not use ${file}: ${field} is not ${expected}`, { hint: "Correct the file, or remove it." });
  const list = (field: string, of: unknown): readonly string[] => {
    if (!Array.isArray(of) || !of.every((item) => typeof item === "string")) throw wrong(field, "a list of texts");
    return of;
  };
  const text = (field: string, of: unknown): string => {
    if (typeof of !== "string") throw wrong(field, "a text");
    return of;
  };
  const shims = list("shims", value.shims).map((shim) => parseShim(shim) ?? wrong("shims", `NAME or NAME:COMMAND`));
  const bad = shims.find((shim) => shim instanceof SiloError);
  if (bad) throw bad;
  if (shims.length === 0) throw wrong("shims", "a list with at least one name");
  const env = value.env ?? {};
  if (typeof env !== "object" || !Object.values(env!).every((entry) => typeof entry === "string")) {
    throw wrong("env", "a table of texts");
  }
  const image = value.image as Record<string, unknown> | undefined;
  const debian = value.debian as Record<string, unknown> | undefined;
  return {
    name,
    description: text("description", value.description),
    shims: shims as Shim[],
    settings: { env: env as Record<string, string> },
    image: image && {
      repository: text("image.repository", image.repository),
      version: text("image.version", image.version),
      versionVariable: image.versionVariable === undefined
        ? undefined
        : text("image.versionVariable", image.versionVariable),
    },
    debian: debian && {
      suite: text("debian.suite", debian.suite),
      packages: list("debian.packages", debian.packages),
      versionFrom: text("debian.versionFrom", debian.versionFrom),
    },
    caches: cachesOf(value.caches, wrong),
    postInstall: list("post_install", value.post_install ?? []),
  };
}

function cachesOf(value: unknown, wrong: (field: string, expected: string) => SiloError): CacheDefinition[] {
  const entries = value ?? [];
  if (!Array.isArray(entries)) throw wrong("caches", "a list of tables");
  return entries.map((entry: Record<string, unknown>, i) => {
    const { name, variable, noGC = false, scope = "project" } = entry;
    if (typeof name !== "string" || !TOOL_NAME.test(name)) throw wrong(`caches[${i}].name`, "a name in small letters");
    if (typeof variable !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
      throw wrong(`caches[${i}].variable`, "the name of a variable");
    }
    if (typeof noGC !== "boolean") throw wrong(`caches[${i}].noGC`, "true or false");
    if (scope !== "project" && scope !== "tool") throw wrong(`caches[${i}].scope`, '"project" or "tool"');
    return { name, variable, noGC, scope };
  });
}

/** `NAME` or `NAME:COMMAND`; undefined if it is neither. */
export function parseShim(text: string): Shim | undefined {
  const [name, command = name, ...rest] = text.split(":");
  return TOOL_NAME.test(name!) && command && rest.length === 0 ? { name: name!, command } : undefined;
}

/** The inverse of {@link parseShim}. */
export function shimText(shim: Shim): string {
  return shim.name === shim.command ? shim.name : `${shim.name}:${shim.command}`;
}
