/**
 * Text for terminals of 80 columns.
 *
 * @module
 */
import { broken } from "./break_line.ts";
import { isExampleHeading, layOutExamples } from "./lay_out_examples.ts";

export const COLUMNS = 80;

/**
 * Prose is broken at blanks, a paragraph as a whole; examples get their remarks in one column. Other lines that begin
 * with a blank are tables: they stay.
 */
export function fitted(text: string, columns = COLUMNS): string {
  const out: string[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length;) {
    const line = lines[at]!;
    const end = isProse(line) ? ends(lines, at + 1, (it) => isProse(it) && !it.endsWith(":")) : at + 1;
    out.push(...isProse(line) ? broken(lines.slice(at, end).join(" "), columns) : [line]);
    at = end;
    if (!isExampleHeading(line)) continue;
    const examples = ends(lines, at, (it) => it.startsWith("  "));
    out.push(...layOutExamples(lines.slice(at, examples), columns));
    at = examples;
  }
  return out.join("\n");
}

/** A term and what it means, in two columns of which the second is broken as often as it needs. */
export function twoColumns(rows: readonly (readonly [term: string, text: string])[], columns = COLUMNS): string {
  const width = Math.max(...rows.map(([term]) => term.length)) + 4;
  return rows.map(([term, text]) =>
    broken(text, columns - width).map((line, i) =>
      `${i === 0 ? `  ${term}`.padEnd(width) : " ".repeat(width)}${line}\n`
    )
      .join("")
  ).join("");
}

/** Where the lines from `at` on stop being such. */
function ends(lines: readonly string[], at: number, is: (line: string) => boolean): number {
  let end = at;
  while (end < lines.length && is(lines[end]!)) end++;
  return end;
}

function isProse(line: string): boolean {
  return /^\S/.test(line) && !line.startsWith("Usage:") && !isExampleHeading(line);
}
