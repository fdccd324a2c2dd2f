/**
 * Values that are in the text already: changed or removed where they stand, nothing else touched.
 *
 * @module
 */
import { parse } from "smol-toml";
import { isDeepStrictEqual } from "node:util";
import { type AST, parseTOML } from "toml-eslint-parser";
import { isTable, tomlKey, tomlValue } from "./toml_text.ts";

/** A part of the text and what stands there instead. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with the values of its keys as they are in `wanted`; keys that are not there any more are taken out. */
export function changeValues(text: string, wanted: unknown): string {
  const there = parse(text);
  const replacements: Replacement[] = [];
  const visit = (prefix: string[], pair: AST.TOMLKeyValue) => {
    const path = [...prefix, ...namesOf(pair)];
    const [before, after] = [valueAt(there, path), valueAt(wanted, path)];
    if (after === undefined) replacements.push(wholeLines(text, pair));
    else if (!isSame(before, after)) {
      const [start, end] = pair.value.range;
      replacements.push({ start, end, text: rewrite(text, pair.value, before, after) });
    }
  };
  for (const node of parseTOML(text).body[0].body) {
    if (node.type === "TOMLKeyValue") visit([], node);
    else if (node.resolvedKey.every((part) => typeof part === "string")) {
      const path = node.resolvedKey as string[];
      node.body.forEach((pair) => visit(path, pair));
      if (valueAt(wanted, path) === undefined) replacements.push(headerLines(text, node));
    }
  }
  let edited = text;
  for (const { start, end, text } of replacements.sort((a, b) => b.start - a.start)) {
    edited = edited.slice(0, start) + text + edited.slice(end);
  }
  // What stood at the top may have left a blank line behind.
  return replacements.length > 0 && !/^\s*\n/.test(text) ? edited.replace(/^(?:\r?\n)+/, "") : edited;
}

/** The names of a key, dotted ones one by one. */
export function namesOf(pair: AST.TOMLKeyValue): string[] {
  return pair.key.keys.map((key) => key.type === "TOMLBare" ? key.name : key.value);
}

export function valueAt(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const key of path) value = isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** The new source of a value, with as much of the old as is still right. */
function rewrite(text: string, node: AST.TOMLContentNode, before: unknown, after: unknown): string {
  if (node.type === "TOMLArray" && Array.isArray(before) && Array.isArray(after)) {
    return rewriteList(text, node, before, after);
  }
  if (node.type === "TOMLInlineTable" && isTable(after)) return rewriteInline(text, node, before, after);
  return tomlValue(after);
}

function rewriteInline(text: string, node: AST.TOMLInlineTable, before: unknown, after: object): string {
  // Dotted keys in an inline table are rare: such a table is written anew.
  if (node.body.some((pair) => pair.key.keys.length > 1)) return tomlValue(after);
  const sources = new Map(node.body.map((pair) => [namesOf(pair)[0]!, pair]));
  const members = Object.entries(after).map(([key, value]) => {
    const pair = sources.get(key);
    const old = valueAt(before, [key]);
    if (pair === undefined) return `${tomlKey(key)} = ${tomlValue(value)}`;
    const [keySource] = [text.slice(pair.range[0], pair.value.range[0])];
    return keySource + (isSame(old, value) ? sourceOf(text, pair.value) : rewrite(text, pair.value, old, value));
  });
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function rewriteList(text: string, node: AST.TOMLArray, before: unknown[], after: unknown[]): string {
  const kept = keptItems(before, after);
  const isOnLines = node.loc.start.line !== node.loc.end.line && node.elements.length > 0;
  if (isOnLines && kept !== undefined) return rewriteLines(text, node, kept, after.slice(kept.length));
  const items = after.map((item) => {
    const at = before.findIndex((old) => isSame(old, item));
    return at < 0 ? tomlValue(item) : sourceOf(text, node.elements[at]!);
  });
  return `[${items.join(", ")}]`;
}

/** The places of the items that stay, if the list only loses some and gets others at its end. */
function keptItems(before: unknown[], after: unknown[]): number[] | undefined {
  const kept: number[] = [];
  before.forEach((item, i) => {
    if (kept.length < after.length && isSame(item, after[kept.length])) kept.push(i);
  });
  return after.slice(kept.length).some((item) => before.some((old) => isSame(old, item))) ? undefined : kept;
}

/** A list over several lines: lines of items that go are taken out, new ones are put before the bracket. */
function rewriteLines(text: string, node: AST.TOMLArray, kept: readonly number[], added: readonly unknown[]): string {
  let source = sourceOf(text, node);
  const offset = node.range[0];
  const eol = source.includes("\r\n") ? "\r\n" : "\n";
  const { elements } = node;
  const indent = /[^\S\n]*$/.exec(text.slice(0, elements[0]!.range[0]))![0] || "  ";
  const last = kept.length === 0 ? undefined : elements[kept.at(-1)!]!;
  if (added.length > 0) {
    const close = source.length - 1;
    const tail = source.slice(0, close).replace(/[^\S\n]*$/, "");
    const lines = added.map((item) => `${indent}${tomlValue(item)},${eol}`).join("");
    source = tail + (tail.endsWith("\n") ? "" : eol) + lines + "]";
    // Of the items that were there the last one may have no comma yet.
    const end = last === undefined ? undefined : last.range[1] - offset;
    if (end !== undefined && !hasComma(source.slice(end))) source = `${source.slice(0, end)},${source.slice(end)}`;
  }
  for (let i = elements.length - 1; i >= 0; i--) {
    if (kept.includes(i)) continue;
    const [start, end] = elements[i]!.range.map((at) => at - offset) as [number, number];
    const rest = /^\s*,?[^\S\n]*(?:#[^\n]*)?\n?/.exec(source.slice(end))![0];
    const lineStart = source.lastIndexOf("\n", start - 1) + 1;
    const isAlone = source.slice(lineStart, start).trim() === "" && rest.endsWith("\n");
    if (isAlone) source = source.slice(0, lineStart) + source.slice(end + rest.length);
    else source = source.slice(0, start) + source.slice(end).replace(/^[^\S\n]*,?[^\S\n]*/, "");
  }
  return source;
}

function hasComma(rest: string): boolean {
  return /^(?:\s|#[^\n]*\n)*,/.test(rest);
}

/** A pair with its lines, and the comment at its end. */
function wholeLines(text: string, pair: AST.TOMLKeyValue): Replacement {
  const start = text.lastIndexOf("\n", pair.range[0] - 1) + 1;
  return { start, end: lineEnd(text, pair.range[1]), text: "" };
}

/** A header, and the blank line above it. */
function headerLines(text: string, node: AST.TOMLTable): Replacement {
  const line = text.lastIndexOf("\n", node.range[0] - 1) + 1;
  const blank = /(^|\n)(\r?\n)$/.exec(text.slice(0, line))?.[2] ?? "";
  return { start: line - blank.length, end: lineEnd(text, node.key.range[1]), text: "" };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end + 1;
}

function sourceOf(text: string, node: AST.TOMLNode): string {
  return text.slice(...node.range);
}

function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(plain(a), plain(b));
}

/** With ordinary prototypes, which the TOML reader does not give. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isTable(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) define(copy, key, plain(member));
  return copy;
}

/** Sets a key, whatever its name. */
export function define(table: object, key: string, value: unknown): void {
  Object.defineProperty(table, key, { value, enumerable: true, configurable: true, writable: true });
}
