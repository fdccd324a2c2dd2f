/**
 * From a mistake in a configuration file to a message with file, line, column, and the nearest known key. Loaded only
 * when there is something to explain.
 *
 * @module
 */
import { type AST, parseTOML } from "toml-eslint-parser";
import { SiloError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { FIELDS } from "./fields.ts";
import type { Mistake } from "./schema.ts";

/** One error for all mistakes of a file. */
export function explainMistakes(path: string, text: string, mistakes: readonly Mistake[]): SiloError {
  const ast = parseTOML(text);
  const located = mistakes.map((mistake) => ({ mistake, ...locate(ast, mistake.path) }));
  const inOrder = located.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = inOrder.map(({ mistake, line, column }) => {
    const where = mistake.path.length === 0 || mistake.knownKeys.length > 0 ? "" : `${keyPath(mistake.path)}: `;
    const last = String(mistake.path.at(-1) ?? "");
    const guess = nearest(last, mistake.knownKeys) ?? inItsTable(last, mistake.knownKeys);
    const known = mistake.knownKeys.length === 0 ? "" : `; known here: ${mistake.knownKeys.join(", ")}`;
    return `${path}:${line}:${column}: ${where}${mistake.message}${guess ? `; did you mean "${guess}"?` : known}`;
  });
  return new SiloError(`could not use the configuration: ${lines[0]}`, {
    hint: lines.length > 1 ? lines.slice(1).join("\n") : undefined,
  });
}

/** `hostAccess` where `network.hostAccess` was meant. */
function inItsTable(key: string, known: readonly string[]): string | undefined {
  return Object.keys(FIELDS).find((field) => field.endsWith(`.${key}`) && known.includes(field.split(".")[0]!));
}

/** The error for text that is not TOML at all; `cause` is smol-toml's. */
export function explainSyntax(path: string, cause: Error & { line?: number; column?: number }): SiloError {
  const reason = cause.message.split("\n")[0]!.replace(/^Invalid TOML document: /, "");
  const at = cause.line === undefined ? "" : `:${cause.line}:${cause.column}`;
  return new SiloError(`could not use the configuration: ${path}${at}: ${reason}`, { cause });
}

function keyPath(path: readonly (string | number)[]): string {
  return path.map((part, i) => typeof part === "number" ? `[${part}]` : `${i === 0 ? "" : "."}${part}`).join("");
}

/** Line and column (from 1) of the longest part of the path that is in the file. */
function locate(ast: AST.TOMLProgram, path: readonly (string | number)[]): { line: number; column: number } {
  let best = { length: -1, line: 1, column: 1 };
  const visit = (keys: readonly (string | number)[], node: AST.TOMLNode) => {
    const matches = keys.length <= path.length && keys.every((key, i) => String(key) === String(path[i]));
    if (matches && keys.length > best.length) {
      best = { length: keys.length, line: node.loc.start.line, column: node.loc.start.column + 1 };
    }
  };
  walk(ast.body[0], [], visit);
  return best;
}

type Visit = (keys: readonly (string | number)[], node: AST.TOMLNode) => void;

function walk(node: AST.TOMLNode, prefix: readonly (string | number)[], visit: Visit): void {
  switch (node.type) {
    case "TOMLTopLevelTable":
      for (const child of node.body) walk(child, prefix, visit);
      break;
    case "TOMLTable":
      node.resolvedKey.forEach((_, i) => visit(node.resolvedKey.slice(0, i + 1), node.key.keys[i] ?? node.key));
      for (const child of node.body) walk(child, node.resolvedKey, visit);
      break;
    case "TOMLKeyValue": {
      const names = node.key.keys.map((key) => key.type === "TOMLBare" ? key.name : key.value);
      names.forEach((_, i) => visit([...prefix, ...names.slice(0, i + 1)], node.key.keys[i]!));
      walk(node.value, [...prefix, ...names], visit);
      break;
    }
    case "TOMLArray":
      node.elements.forEach((element, i) => {
        visit([...prefix, i], element);
        walk(element, [...prefix, i], visit);
      });
      break;
    case "TOMLInlineTable":
      for (const child of node.body) walk(child, prefix, visit);
      break;
  }
}
