/**
 * What older programs of this name wrote: `.siloconf` (YAML) and `silo.jsonc`. As today's settings, as far as they have
 * a counterpart. Pure but for the readers of the two formats, which are loaded only where one is met.
 *
 * @module
 */
import { isTable } from "./toml_text.ts";

export interface Converted {
  readonly config: Record<string, unknown>;
  /** Keys that have no counterpart. */
  readonly dropped: readonly string[];
}

/**
 * Reads the text of a legacy file.
 *
 * @throws {Error} if it is not in its format.
 */
export async function parseLegacy(path: string, text: string): Promise<Converted> {
  if (path.endsWith(".jsonc") || path.endsWith(".json")) {
    const { parse, printParseErrorCode } = await import("jsonc-parser");
    const errors: { error: number; offset: number; length: number }[] = [];
    const value = parse(text, errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first !== undefined) {
      const line = text.slice(0, first.offset).split("\n").length;
      throw new Error(`line ${line}: ${printParseErrorCode(first.error)}`);
    }
    return convert(value);
  }
  const { parse } = await import("yaml");
  return convert(parse(text, { maxAliasCount: 100, prettyErrors: true }));
}

/** Takes over what is known. */
export function convert(value: unknown): Converted {
  const dropped: string[] = [];
  const config = value === null || value === undefined ? {} : convertTable(value, [], dropped, true);
  return { config, dropped };
}

/** Keys that mean today what they meant. */
const SAME = new Set([
  ..."passEnv passFiles mounts mount resources network ports passSshAgent secrets venv".split(" "),
  ..."pre_run_hooks post_build_hooks post_install".split(" "),
]);
/** Tools that are called otherwise today; as programs their names stay. */
const NAMES_TODAY: ReadonlyMap<string, string> = new Map([["claude", "claude-code"]]);
const OF_RESOURCES = ["cpus", "memoryMB", "rootfsSizeMB"];

function convertTable(value: unknown, path: string[], dropped: string[], isFile: boolean): Record<string, unknown> {
  const result: Record<string, Record<string, unknown> | unknown> = {};
  if (!isTable(value)) {
    dropped.push(path.join(".") || "all of it");
    return {};
  }
  const table = (key: string) => (result[key] ??= {}) as Record<string, unknown>;
  const list = (key: string) => (result[key] ??= []) as unknown[];
  for (const [key, member] of Object.entries(value)) {
    if (SAME.has(key)) result[key] = member;
    else if (key === "postInstall") result.post_install = member;
    else if (OF_RESOURCES.includes(key)) table("resources")[key] = member;
    else if (key === "memory") table("resources").memoryMB = member;
    else if (key === "hostAccess" || key === "hostPorts") table("network")[key] = member;
    else if (key === "proxy" && isTable(member)) Object.assign(table("network"), pick(member, [...path, key], dropped));
    else if (key === "env" && Array.isArray(member)) {
      for (const entry of member.map(String)) {
        const equals = entry.indexOf("=");
        if (equals < 0) list("passEnv").push(entry);
        else table("env")[entry.slice(0, equals)] = entry.slice(equals + 1);
      }
    } else if (key === "env" && isTable(member)) {
      for (const [name, text] of Object.entries(member)) table("env")[name] = String(text);
    } else if ((key === "mounts_ro" || key === "mounts_rw") && Array.isArray(member)) {
      for (const source of member.map(String)) {
        // There they were seen where they are; the sandbox's home stands for the person's.
        const target = source.replace(/^~(?=\/|$)/, "/home/silo");
        list("mounts").push({ source, target, ...(key === "mounts_ro" && { readOnly: true }) });
      }
    } else if (isFile && key === "repos" && isTable(member)) {
      for (const [name, part] of Object.entries(member)) {
        table(key)[name] = convertTable(part, [...path, key, name], dropped, true);
      }
    } else if (isFile && (key === "tools" || key === "overrides") && isTable(member)) {
      for (const [name, part] of Object.entries(member)) {
        const tool = NAMES_TODAY.get(name) ?? name;
        table("tools")[tool] = {
          ...table("tools")[tool] as object,
          ...convertTable(part, [...path, key, name], dropped, false),
        };
      }
    } else if (isFile && key === "tool" && typeof member === "string") result.tool = member;
    // A number has lost its last zero: 3.10 is 3.1.
    else if (!isFile && key === "version" && (typeof member === "string" || Number.isInteger(member))) {
      result.version = String(member);
    } else dropped.push([...path, key].join("."));
  }
  return result;
}

function pick(proxy: Record<string, unknown>, path: string[], dropped: string[]): Record<string, unknown> {
  const known = ["allow", "deny", "installAllow"];
  for (const key of Object.keys(proxy)) if (!known.includes(key)) dropped.push([...path, key].join("."));
  return Object.fromEntries(Object.entries(proxy).filter(([key]) => known.includes(key)));
}
