/**
 * From a parsed TOML file to a definition: a quick check by hand, since every run reads one. It is no stricter than
 * `definition_schema.ts`, which tells mistakes with their line, and knows all keys.
 *
 * @module
 */
import type { NetworkRule, NetworkSettings, Settings, StepSetting } from "../config/config.ts";
import { SiloError } from "../errors.ts";
import {
  type AgentDefinition,
  type CacheDefinition,
  type DebianSource,
  type LanguageServer,
  parseShim,
  type RegistrySource,
  type Shim,
  TOOL_NAME,
  type ToolDefinition,
} from "./definition.ts";

type Table = Readonly<Record<string, unknown>>;

/**
 * Takes a parsed TOML file for a definition.
 *
 * @throws {SiloError} that names the file and the field.
 */
export function toolDefinition(name: string, value: Table, file: string): ToolDefinition {
  const read = new Reader(file);
  return {
    name,
    description: read.text("description", value.description),
    shims: read.shims("shims", value.shims),
    settings: settingsOf(read, value),
    versions: read.optionalTexts("versions", value.versions),
    requires: read.optionalTexts("requires", value.requires),
    warm: read.optionalTexts("warm", value.warm),
    ports: read.optionalNumbers("ports", value.ports),
    image: imageOf(read, read.table("image", value.image)),
    debian: debianOf(read, read.table("debian", value.debian)),
    caches: read.list("caches", value.caches).map((entry, i) => cacheOf(read, entry, `caches[${i}]`)),
    postInstall: read.optionalTexts("post_install", value.post_install),
    lsp: lspOf(read, read.table("lsp", value.lsp)),
    agent: agentOf(read, read.table("agent", value.agent)),
  };
}

function settingsOf(read: Reader, value: Table): Settings {
  const env = read.table("env", value.env) ?? {};
  if (!Object.values(env).every((entry) => typeof entry === "string")) throw read.wrong("env", "a table of texts");
  const network = read.table("network", value.network);
  const resources = read.table("resources", value.resources);
  return {
    env: env as Record<string, string>,
    ...(value.passEnv === undefined ? {} : { passEnv: read.optionalTexts("passEnv", value.passEnv) }),
    ...(network === undefined ? {} : { network: networkOf(read, network) }),
    ...(resources === undefined ? {} : { resources: numbers(read, resources) }),
  };
}

function networkOf(read: Reader, { allow, installAllow, deny, hostPorts, ...rest }: Table): NetworkSettings {
  const rules = (field: string, of: unknown) => read.list(`network.${field}`, of) as NetworkRule[];
  return {
    ...rest,
    allow: rules("allow", allow),
    installAllow: rules("installAllow", installAllow),
    deny: read.optionalTexts("network.deny", deny),
    ...(hostPorts === undefined ? {} : { hostPorts: read.optionalNumbers("network.hostPorts", hostPorts) }),
  };
}

function numbers(read: Reader, table: Table): Record<string, number> {
  for (const [key, value] of Object.entries(table)) {
    if (typeof value !== "number") throw read.wrong(`resources.${key}`, "a number");
  }
  return table as Record<string, number>;
}

function imageOf(read: Reader, image: Table | undefined): RegistrySource | undefined {
  return image && {
    repository: read.text("image.repository", image.repository),
    version: read.text("image.version", image.version),
    tag: read.text("image.tag", image.tag ?? "{version}"),
    versionVariable: read.optionalText("image.versionVariable", image.versionVariable),
  };
}

function debianOf(read: Reader, debian: Table | undefined): DebianSource | undefined {
  return debian && {
    suite: read.text("debian.suite", debian.suite),
    packages: read.texts("debian.packages", debian.packages),
    versionFrom: read.optionalText("debian.versionFrom", debian.versionFrom),
    shims: debian.shims === undefined ? undefined : read.shims("debian.shims", debian.shims),
    postInstall: debian.post_install === undefined
      ? undefined
      : read.texts("debian.post_install", debian.post_install) as StepSetting[],
  };
}

function cacheOf(read: Reader, entry: unknown, at: string): CacheDefinition {
  const { name, variable, noGC = false, scope = "project", programs } = entry as Table;
  if (typeof name !== "string" || !TOOL_NAME.test(name)) throw read.wrong(`${at}.name`, "a name in small letters");
  if (typeof variable !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
    throw read.wrong(`${at}.variable`, "the name of a variable");
  }
  if (typeof noGC !== "boolean") throw read.wrong(`${at}.noGC`, "true or false");
  if (scope !== "project" && scope !== "tool") throw read.wrong(`${at}.scope`, '"project" or "tool"');
  if (programs !== undefined && (typeof programs !== "string" || !TOOL_NAME.test(programs))) {
    throw read.wrong(`${at}.programs`, "the name of a directory in it");
  }
  return { name, variable, noGC, scope, ...(programs === undefined ? {} : { programs }) };
}

function lspOf(read: Reader, lsp: Table | undefined): LanguageServer | undefined {
  return lsp && {
    command: read.texts("lsp.command", lsp.command),
    install: read.optionalTexts("lsp.install", lsp.install),
    languages: read.optionalTexts("lsp.languages", lsp.languages),
    files: read.optionalTexts("lsp.files", lsp.files),
  };
}

function agentOf(read: Reader, agent: Table | undefined): AgentDefinition | undefined {
  return agent && {
    command: read.text("agent.command", agent.command),
    autoApprove: read.optionalTexts("agent.autoApprove", agent.autoApprove),
  };
}

/** Takes values of one file for what they should be. */
class Reader {
  constructor(private readonly file: string) {}

  wrong(field: string, expected: string): SiloError {
    return new SiloError(`could not use ${this.file}: ${field} is not ${expected}`, {
      hint: "Correct the file, or remove it.",
    });
  }

  text(field: string, of: unknown): string {
    if (typeof of !== "string") throw this.wrong(field, "a text");
    return of;
  }

  optionalText(field: string, of: unknown): string | undefined {
    return of === undefined ? undefined : this.text(field, of);
  }

  list(field: string, of: unknown): readonly unknown[] {
    if (of !== undefined && !Array.isArray(of)) throw this.wrong(field, "a list");
    return of ?? [];
  }

  texts(field: string, of: unknown): readonly string[] {
    if (!Array.isArray(of) || !of.every((item) => typeof item === "string")) throw this.wrong(field, "a list of texts");
    return of;
  }

  optionalTexts(field: string, of: unknown): readonly string[] {
    return of === undefined ? [] : this.texts(field, of);
  }

  optionalNumbers(field: string, of: unknown): readonly number[] {
    const list = this.list(field, of);
    if (!list.every((item) => typeof item === "number")) throw this.wrong(field, "a list of numbers");
    return list as number[];
  }

  table(field: string, of: unknown): Table | undefined {
    if (of !== undefined && (typeof of !== "object" || of === null || Array.isArray(of))) {
      throw this.wrong(field, "a table");
    }
    return of as Table | undefined;
  }

  shims(field: string, of: unknown): readonly Shim[] {
    const shims = this.texts(field, of).map((text) => parseShim(text));
    if (shims.length === 0) throw this.wrong(field, "a list with at least one name");
    if (!shims.every((shim) => shim !== undefined)) throw this.wrong(field, "NAME or NAME:COMMAND");
    return shims;
  }
}
