/**
 * Changing the text of a `silo.toml` in place: comments, order and every line that does not hold what is changed stay as
 * they are.
 *
 * @module
 */
import { parse } from "smol-toml";
import { type AST, parseTOML } from "toml-eslint-parser";
import { isDeepStrictEqual } from "node:util";
import { SiloError } from "../errors.ts";
import { changeValues, define, namesOf, plain, valueAt } from "./edit_values.ts";
import { isTable, tomlKeys, tomlLine } from "./toml_text.ts";

/** A file's content as plain data, to be changed at will. */
export type Document = Record<string, unknown>;

/**
 * Applies a change to the text. What comes out parses to exactly what the change made of the parsed text.
 *
 * @param change changes the document that it is given.
 * @throws {SiloError} if the change cannot be written.
 */
export async function editToml(text: string, change: (document: Document) => void): Promise<string> {
  const wanted = plain(parse(text)) as Document;
  change(wanted);
  let edited = addTables(addKeys(changeValues(text, wanted), wanted), wanted);
  if (!isDeepStrictEqual(plain(parse(edited)), wanted)) {
    // What is left are lists of tables with headers of their own.
    const { patch } = await import("@decimalturn/toml-patch");
    edited = patch(edited, wanted);
  }
  if (!isDeepStrictEqual(plain(parse(edited)), wanted)) {
    throw new SiloError("could not change the file in place: it is written in a way that silo cannot keep", {
      hint: "Change it by hand: silo config edit",
    });
  }
  return edited;
}

/** The value of a path of the document, made of empty tables as far as it is not there. */
export function tableAt(document: Document, path: readonly string[]): Document {
  let table = document;
  for (const key of path) {
    const next = Object.hasOwn(table, key) ? table[key] : undefined;
    if (next !== undefined && !isTable(next)) {
      throw new SiloError(`could not change ${tomlKeys(path)}: ${key} is not a table`);
    }
    if (next === undefined) define(table, key, {});
    table = table[key] as Document;
  }
  return table;
}

/** Removes tables that are empty, along the path from its end; those of its first `kept` keys stay. */
export function pruneTables(document: Document, path: readonly string[], kept = 0): void {
  for (let length = path.length; length > kept; length--) {
    const parent = tableAt(document, path.slice(0, length - 1));
    const key = path[length - 1]!;
    if (!isTable(parent[key]) || Object.keys(parent[key]).length > 0) return;
    delete parent[key];
  }
}

/** Writes new keys below the last of their section. */
function addKeys(text: string, wanted: Document): string {
  const there = parse(text);
  const places = placesOf(text);
  const eol = eolOf(text);
  const lines = text.split("\n");
  // From the end, so that the numbers of lines stay right.
  for (const { path, line, isTop, names } of places.sections.toReversed()) {
    const fresh = freshKeys(valueAt(wanted, path), valueAt(there, path));
    if (fresh.length === 0) continue;
    const added = fresh.flatMap(([key, value]) => tomlLine([...names, key], value).split("\n"));
    if (isTop && line < lines.length && lines.slice(line).some((it) => it.trim() !== "")) {
      if (lines[line]!.trim() !== "") added.push("");
    }
    lines.splice(line, 0, ...added.map((it) => eol === "\r\n" && !it.endsWith("\r") ? `${it}\r` : it));
  }
  const result = lines.join("\n");
  return result === text || result.endsWith("\n") ? result : result + eol;
}

/** Writes each table that has no place in the text yet as a section of its own at the end. */
function addTables(text: string, wanted: Document): string {
  const places = placesOf(text);
  const sections: string[] = [];
  const visit = (path: string[], table: Document, there: unknown) => {
    if (places.closed.has(keyOf(path)) || (there !== undefined && !isTable(there))) return;
    const fresh = freshKeys(table, there);
    const isEmptyAndNew = there === undefined && Object.keys(table).length === 0;
    if (path.length > 0 && !places.open.has(keyOf(path)) && (fresh.length > 0 || isEmptyAndNew)) {
      const lines = fresh.map(([key, value]) => `${tomlLine([key], value)}\n`).join("");
      sections.push(`[${tomlKeys(path)}]\n${lines}`);
    }
    for (const [key, value] of Object.entries(table)) {
      if (isTable(value)) visit([...path, key], value, valueAt(there, [key]));
    }
  };
  visit([], wanted, parse(text));
  if (sections.length === 0) return text;
  const eol = eolOf(text);
  const gap = text === "" || /(^|\n)\r?\n$/.test(text) ? "" : text.endsWith("\n") ? eol : eol + eol;
  return text + gap + sections.join("\n").replaceAll("\n", eol);
}

/** What is no table and new in this one. */
function freshKeys(table: unknown, there: unknown): [string, unknown][] {
  if (!isTable(table)) return [];
  return Object.entries(table).filter(([key, value]) => !isTable(value) && valueAt(there, [key]) === undefined);
}

interface Section {
  readonly path: readonly string[];
  /** How many lines stand before the place for a new key. */
  readonly line: number;
  readonly isTop: boolean;
  /** What a new key begins with, if the table is there by dotted keys only. */
  readonly names: readonly string[];
}

interface Places {
  /** The top and the tables with a header, in the order of the text. */
  readonly sections: readonly Section[];
  /** Tables that are there by a header or by dotted keys. */
  readonly open: ReadonlySet<string>;
  /** Inline tables and lists. */
  readonly closed: ReadonlySet<string>;
}

function placesOf(text: string): Places {
  const open = new Set<string>();
  const closed = new Set<string>();
  const note = (prefix: string[], pair: AST.TOMLKeyValue) => {
    const names = namesOf(pair);
    for (let i = 1; i < names.length; i++) {
      open.add(keyOf([...prefix, ...names.slice(0, i)]));
      dotted.set(keyOf([...prefix, ...names.slice(0, i)]), { line: pair.loc.end.line, names: names.slice(0, i) });
    }
    if (/Inline|Array/.test(pair.value.type)) closed.add(keyOf([...prefix, ...names]));
  };
  const dotted = new Map<string, { line: number; names: string[] }>();
  const sections: Section[] = [];
  const body = parseTOML(text).body[0].body;
  const topPairs = body.filter((node) => node.type === "TOMLKeyValue");
  topPairs.forEach((pair) => note([], pair));
  const firstTable = body.find((node) => node.type === "TOMLTable");
  sections.push({ path: [], line: topPairs.at(-1)?.loc.end.line ?? topLine(text, firstTable), isTop: true, names: [] });
  for (const node of body) {
    // Tables of a list cannot be added to by name.
    if (node.type !== "TOMLTable" || node.resolvedKey.some((part) => typeof part === "number")) continue;
    const path = node.resolvedKey.map(String);
    open.add(keyOf(path));
    node.body.forEach((pair) => note(path, pair));
    sections.push({ path, line: (node.body.at(-1) ?? node.key).loc.end.line, isTop: false, names: [] });
  }
  for (const [key, { line, names }] of dotted) {
    if (!sections.some(({ path }) => keyOf(path) === key)) {
      sections.push({ path: JSON.parse(key), line, isTop: false, names });
    }
  }
  sections.sort((a, b) => a.line - b.line);
  return { sections, open, closed };
}

/** Where the first key of the top goes: before the first table and the comment right above it, else at the end. */
function topLine(text: string, firstTable: AST.TOMLTable | undefined): number {
  const lines = text.split("\n");
  if (firstTable === undefined) return lines.length - 1;
  let line = firstTable.loc.start.line - 1;
  while (line > 0 && lines[line - 1]!.startsWith("#")) line--;
  return line;
}

function eolOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function keyOf(path: readonly string[]): string {
  return JSON.stringify(path);
}
