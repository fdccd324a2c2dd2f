/**
 * The installed tools: `config.toml` in the silo home. An entry is written last when a tool is installed, and removed
 * first when it is uninstalled, so what it names is always whole.
 *
 * @module
 */
import { parse } from "smol-toml";
import { reasonOf, SiloError } from "../errors.ts";
import type { Settings } from "../config/config.ts";
import type { Host } from "../host.ts";
import { parseShim, type Shim, shimText } from "./definition.ts";
import { toolSections } from "./installed_sections.ts";

/** What an image says about the process to run. */
export interface ImageDefaults {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** Absolute, in the guest; "" if the image names none. */
  readonly directory: string;
  /** Groups of the image's own user, if that is not root. */
  readonly groups: readonly number[];
}

/** One installed tool. */
export interface InstalledTool {
  readonly name: string;
  readonly version: string;
  /** Where its image came from: "debian", or an image as `parseImageSource` reads it. */
  readonly source: string;
  /** The image's digest, `sha256:…`. */
  readonly image: string;
  /** The file of its root file system, relative to the silo home. */
  readonly rootfs: string;
  /** The image's own environment, `NAME=value` each. */
  readonly environment: readonly string[];
  /** What the image runs, and how; undefined for what was installed before images said so. */
  readonly process?: ImageDefaults | undefined;
  /** None if the tool's name runs what the image runs by itself. */
  readonly shims: readonly Shim[];
  /** ISO 8601, UTC. */
  readonly installedAt: string;
  /** What it was installed with: a layer of configuration above its definition's. */
  readonly settings?: Settings | undefined;
  /** The text of the script that completes its image. */
  readonly setup?: string | undefined;
  /** Its shims count only in projects that name it; elsewhere the next program of that name on PATH is run. */
  readonly projectsOnly?: boolean | undefined;
}

export function installedFile(host: Host): string {
  return `${host.siloHome}/config.toml`;
}

/**
 * All installed tools by name; none if the file is not there.
 *
 * @throws {SiloError} if the file is damaged.
 */
export function readInstalled(host: Host): Map<string, InstalledTool> {
  return reading(host, (text) => toolsIn(text), new Map());
}

/**
 * Finds the tool of a word, in the order of {@link readInstalled}; parses no other tool's part.
 *
 * @throws {SiloError} if that part, or the file as a whole, is damaged.
 */
export function findInstalled(host: Host, word: string): FoundTool | undefined {
  return reading(host, (text) => {
    const sections = toolSections(text);
    if (sections === undefined) return findTool(toolsIn(text), word);
    const named = sections.get(word);
    if (named !== undefined) return findTool(toolsIn(named), word);
    // A shim begins with its name: `"pip"`, `"pip:python -m pip"`.
    const start = JSON.stringify(word).slice(0, -1);
    for (const section of sections.values()) {
      const found = section.includes(start) ? findTool(toolsIn(section), word) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }, undefined);
}

function reading<T>(host: Host, read: (text: string) => T, absent: T): T {
  const file = installedFile(host);
  try {
    return read(Deno.readTextFileSync(file));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return absent;
    throw new SiloError(`could not read ${file}: ${reasonOf(cause).split("\n")[0]}`, {
      hint: "It is written by silo alone. Remove it and install the tools again; what was downloaded is still there.",
      cause,
    });
  }
}

function toolsIn(text: string): Map<string, InstalledTool> {
  const tools = (parse(text).tools ?? {}) as Record<string, Record<string, unknown>>;
  return new Map(Object.entries(tools).map(([name, entry]) => [name, toTool(name, entry)]));
}

/**
 * Changes the file under its lock, whole or not at all.
 *
 * @throws {SiloError} if it cannot be read or written.
 */
export async function changeInstalled(host: Host, change: (tools: Map<string, InstalledTool>) => void): Promise<void> {
  const [{ withLock, writeFileAtomic }, { stringify }] = await Promise.all([
    import("../cache/atomic.ts"),
    import("smol-toml"),
  ]);
  const file = installedFile(host);
  await withLock(`${file}.lock`, async () => {
    const tools = readInstalled(host);
    change(tools);
    const entries = [...tools.values()].sort((a, b) => a.name < b.name ? -1 : 1).map((tool) => {
      const { name, shims, process, setup, settings, projectsOnly, ...rest } = tool;
      return [name, {
        ...rest,
        environment: [...rest.environment],
        shims: shims.map(shimText),
        ...(projectsOnly ? { projectsOnly } : {}),
        ...(setup === undefined ? {} : { setup }),
        ...(process === undefined ? {} : { process }),
        ...(settings === undefined ? {} : { settings }),
      }] as const;
    });
    const text = `# Installed tools. Written by silo; edit silo.toml instead.\n\n${
      stringify({ tools: Object.fromEntries(entries) })
    }`;
    await writeFileAtomic(file, text);
  });
}

/** A tool, and which program of it; none: what the image runs. */
export interface FoundTool {
  readonly tool: InstalledTool;
  readonly command: string | undefined;
}

/** Which tool, and which program of it, a word after `silo` or `silo run` means; no program: what the image runs. */
function findTool(
  tools: ReadonlyMap<string, InstalledTool>,
  word: string,
): FoundTool | undefined {
  const tool = tools.get(word);
  if (tool !== undefined) return { tool, command: (findShim(tool, word) ?? tool.shims[0])?.command };
  for (const other of tools.values()) {
    const shim = findShim(other, word);
    if (shim !== undefined) return { tool: other, command: shim.command };
  }
  return undefined;
}

/** The shim of that name of a tool. */
export function findShim(tool: InstalledTool, name: string): Shim | undefined {
  return tool.shims.find((shim) => shim.name === name);
}

function toTool(name: string, entry: Record<string, unknown>): InstalledTool {
  const text = (field: string): string => {
    const value = entry[field];
    if (typeof value !== "string") throw new Error(`tools.${name}.${field} is not a text`);
    return value;
  };
  const list = (field: string): string[] => {
    const value = entry[field];
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
      throw new Error(`tools.${name}.${field} is not a list of texts`);
    }
    return value;
  };
  const process = entry.process as Record<string, unknown> | undefined;
  return {
    name,
    ...(process === undefined ? {} : { process: toDefaults(name, process) }),
    version: text("version"),
    source: text("source"),
    image: text("image"),
    rootfs: text("rootfs"),
    environment: list("environment"),
    shims: list("shims").map((shim) => parseShim(shim)).filter((shim) => shim !== undefined),
    installedAt: text("installedAt"),
    ...(entry.settings === undefined ? {} : { settings: entry.settings as Settings }),
    ...(typeof entry.setup === "string" ? { setup: entry.setup } : {}),
    ...(entry.projectsOnly === true ? { projectsOnly: true } : {}),
  };
}

function toDefaults(name: string, entry: Record<string, unknown>): ImageDefaults {
  const list = <T>(field: string, isRight: (item: unknown) => item is T): T[] => {
    const value = entry[field];
    if (Array.isArray(value) && value.every(isRight)) return value;
    throw new Error(`tools.${name}.process.${field} is not as it was written`);
  };
  const isText = (item: unknown) => typeof item === "string";
  return {
    entrypoint: list("entrypoint", isText),
    command: list("command", isText),
    directory: typeof entry.directory === "string" ? entry.directory : "",
    groups: list("groups", (item) => typeof item === "number"),
  };
}

/**
 * Looks whether the tool's root file system is still there, with the size it was made with.
 *
 * @throws {SiloError} if it is not.
 */
export function assertRootfs(host: Host, tool: InstalledTool): void {
  const path = `${host.siloHome}/${tool.rootfs}`;
  let whole = false;
  try {
    if (Deno.statSync(`${path}.zst`).isFile) return; // compressed: the next run unpacks it
  } catch { /* it is not */ }
  try {
    whole = Deno.statSync(path).size === JSON.parse(Deno.readTextFileSync(`${path}.json`)).size;
  } catch { /* one of the two is gone */ }
  if (whole) return;
  throw new SiloError(`could not run ${tool.name}: its root file system is missing or damaged (${path})`, {
    hint: `Make it anew: silo install ${tool.name}`,
  });
}
