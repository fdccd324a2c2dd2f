/**
 * Settings in JSON with comments, changed in place.
 *
 * @module
 */
import { applyEdits, findNodeAtLocation, getNodeValue, modify, parse, type ParseError, parseTree } from "jsonc-parser";
import { SiloError } from "../errors.ts";

/** One value to be there, or to be gone where it is exactly that value. */
export interface JsonChange {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  readonly what: "add" | "remove";
}

/** The text with the changes. Comments, order and layout of everything else stay. */
export function changeJson(text: string, changes: readonly JsonChange[]): string {
  return changes.reduce(changeOne, text.trim() === "" ? "{}\n" : text);
}

/** A value of the settings; undefined if it is not there. */
export function jsonValue(text: string, path: readonly (string | number)[]): unknown {
  const tree = parseTree(checked(text), [], { allowTrailingComma: true });
  const node = tree && findNodeAtLocation(tree, [...path]);
  return node && getNodeValue(node);
}

function changeOne(text: string, { path, value, what }: JsonChange): string {
  const there = jsonValue(text, path);
  const same = JSON.stringify(there) === JSON.stringify(value);
  if (what === "add") return same ? text : set(text, path, value);
  if (!same) return text; // the person's own by now
  let removed = set(text, path, undefined);
  // Objects that only stood around it.
  for (let length = path.length - 1; length > 0; length--) {
    const outer = path.slice(0, length);
    if (JSON.stringify(jsonValue(removed, outer)) !== "{}") break;
    removed = set(removed, outer, undefined);
  }
  return removed;
}

function set(text: string, path: readonly (string | number)[], value: unknown): string {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ";
  const formattingOptions = {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
  return applyEdits(text, modify(text, [...path], value, { formattingOptions }));
}

function checked(text: string): string {
  const errors: ParseError[] = [];
  const value = parse(text, errors, { allowTrailingComma: true });
  if (errors.length === 0 && typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  throw new SiloError("could not change the settings: they are not valid JSON", {
    hint: "Correct them in the editor, then try again.",
  });
}
