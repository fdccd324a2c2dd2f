/** `silo config network allow|deny|remove`, `silo config ports add|remove` */
import { type EditableFile, editConfig, fileToEdit } from "../../../config/edit_file.ts";
import { type Document, pruneTables, tableAt } from "../../../config/edit.ts";
import { isTable } from "../../../config/toml_text.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { parseRule } from "../../../network/policy/rule.ts";
import { readInstalled } from "../../../tools/installed.ts";
import { availableTools } from "../../../tools/registry.ts";
import { say } from "../../say.ts";
import { tilde } from "../../tilde.ts";

export interface EditOptions {
  readonly tool?: string;
  readonly global?: boolean;
  /** Of `network allow`: the host may be at a private address. */
  readonly private?: boolean;
  /** Of `network allow`: while something is installed or built only. */
  readonly install?: boolean;
}

/** `network allow [TOOL] HOST…` */
export async function networkAllow(host: Host, words: readonly string[], options: EditOptions): Promise<void> {
  const { tool, rest } = split(host, words, options, "a host");
  const list = options.install ? "installAllow" : "allow";
  const rules = rest.map((text) => {
    const rule = options.private ? { host: text, private: true } : text;
    parseRule(rule);
    return rule;
  });
  await change(host, options, [...scope(tool), "network"], (network) => {
    for (const rule of rules) {
      const text = hostOf(rule);
      network[list] = [...without(network[list], (it) => hostOf(it) === text), rule];
      network.deny = without(network.deny, (it) => hostOf(it) === text);
    }
  }, (path) => `${names(rest)} may be reached${by(tool)}${options.install ? " while it is built" : ""}: ${path}`);
}

/** `network deny [TOOL] HOST…` */
export async function networkDeny(host: Host, words: readonly string[], options: EditOptions): Promise<void> {
  const { tool, rest } = split(host, words, options, "a host");
  for (const text of rest) parseRule(text, "deny");
  await change(host, options, [...scope(tool), "network"], (network) => {
    for (const text of rest) {
      for (const list of ["allow", "installAllow"]) {
        network[list] = without(network[list], (it) => hostOf(it) === text);
      }
      network.deny = [...without(network.deny, (it) => hostOf(it) === text), text];
    }
  }, (path) => `${names(rest)} may not be reached${by(tool)}: ${path}`);
}

/** `network remove [TOOL] HOST…` */
export async function networkRemove(host: Host, words: readonly string[], options: EditOptions): Promise<void> {
  const { tool, rest } = split(host, words, options, "a host");
  let found = 0;
  await change(host, options, [...scope(tool), "network"], (network) => {
    for (const text of rest) {
      for (const list of ["allow", "installAllow", "deny"]) {
        const left = without(network[list], (it) => hostOf(it) === text);
        found += list1(network[list]).length - left.length;
        network[list] = left;
      }
    }
  }, (path) => found === 0 ? `${names(rest)}: no rule is here: ${path}` : `${names(rest)}: the rule is gone: ${path}`);
}

/** `ports add [TOOL] PORT…` */
export async function portsAdd(host: Host, words: readonly string[], options: EditOptions): Promise<void> {
  const { tool, rest } = split(host, words, options, "a port");
  const ports = rest.map(portOf);
  await change(host, options, scope(tool), (table) => {
    for (const port of ports) table.ports = [...without(table.ports, (it) => String(it) === String(port)), port];
  }, (path) => `port ${names(rest)} is forwarded into the sandbox${tool === undefined ? "" : ` of ${tool}`}: ${path}`);
}

/** `ports remove [TOOL] PORT…` */
export async function portsRemove(host: Host, words: readonly string[], options: EditOptions): Promise<void> {
  const { tool, rest } = split(host, words, options, "a port");
  let found = 0;
  await change(host, options, scope(tool), (table) => {
    const left = without(table.ports, (it) => rest.includes(String(it)));
    found = list1(table.ports).length - left.length;
    table.ports = left;
  }, (path) => `port ${names(rest)} ${found === 0 ? "was not forwarded here" : "is forwarded no longer"}: ${path}`);
}

/** Changes a table of the file and says what came of it. Lists that became empty are taken out. */
async function change(
  host: Host,
  options: EditOptions,
  path: readonly string[],
  edit: (table: Document) => void,
  told: (file: string) => string,
): Promise<void> {
  const file: EditableFile = fileToEdit(host, options.global ?? false);
  await editConfig(host, file, (document) => {
    // A tool's table names the tool, also when it is empty.
    const tool = path[0] === "tools" && isTable(document.tools) ? document.tools[path[1]!] : undefined;
    const kept = tool === undefined ? 0 : 2;
    const table = tableAt(document, path);
    const before = new Map(Object.entries(table));
    edit(table);
    for (const [key, value] of Object.entries(table)) {
      if (Array.isArray(value) && value.length === 0) delete table[key];
      else if (JSON.stringify(before.get(key)) === JSON.stringify([value].flat())) table[key] = before.get(key);
    }
    pruneTables(document, path, kept);
  });
  say(host, told(tilde(host, file.path)));
}

/** A tool may stand before the rest, or be named by a flag. */
function split(host: Host, words: readonly string[], options: EditOptions, what: string) {
  const [first, ...others] = words;
  const isTool = options.tool === undefined && others.length > 0 && isKnownTool(host, first!);
  const tool = isTool ? first : options.tool;
  if (tool !== undefined && !isKnownTool(host, tool)) {
    throw new SiloError(`could not find the tool ${tool}`, { hint: "`silo list --available` shows the tools." });
  }
  const rest = isTool ? others : words;
  if (rest.length === 0) throw new SiloError(`could not understand the command line: ${what} is missing`);
  return { tool, rest };
}

function isKnownTool(host: Host, word: string): boolean {
  return readInstalled(host).has(word) || availableTools(host).includes(word);
}

function scope(tool: string | undefined): string[] {
  return tool === undefined ? [] : ["tools", tool];
}

function by(tool: string | undefined): string {
  return tool === undefined ? "" : ` by ${tool}`;
}

function names(words: readonly string[]): string {
  return words.join(", ");
}

function list1(value: unknown): unknown[] {
  return value === undefined ? [] : [value].flat();
}

function without(value: unknown, goes: (item: unknown) => boolean): unknown[] {
  return list1(value).filter((item) => !goes(item));
}

function hostOf(rule: unknown): string {
  return isTable(rule) ? String(rule.host) : String(rule);
}

function portOf(text: string): number | string {
  if (text === "auto") return text;
  const match = /^(?:(?:[\d.]+|\[[\da-fA-F:]+\]):)?(\d{1,5})(?::(\d{1,5}))?$/.exec(text);
  const numbers = match?.slice(1).filter((it) => it !== undefined).map(Number) ?? [];
  if (numbers.length === 0 || numbers.some((it) => it < 1 || it > 65_535)) {
    throw new SiloError(`could not understand the port ${text}`, {
      hint: "A port is 5173, 8080:80 (this machine's, then the sandbox's), or auto.",
    });
  }
  return /^\d+$/.test(text) ? Number(text) : text;
}
