/**
 * Text for terminals of 80 columns.
 *
 * @module
 */

export const COLUMNS = 80;

/** Breaks lines that are too long at blanks. Lines that begin with blanks are examples and tables: they stay. */
export function fitted(text: string, columns = COLUMNS): string {
  return text.split("\n").map((line) => line.startsWith(" ") ? line : broken(line, columns).join("\n")).join("\n");
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

/** A line as lines of at most so many columns; a longer word stands alone. */
function broken(line: string, columns: number): string[] {
  const lines: string[] = [];
  for (let rest = line;;) {
    if (rest.length <= columns) return [...lines, rest];
    const at = rest.lastIndexOf(" ", columns);
    const end = at > 0 ? at : rest.indexOf(" ", columns);
    if (end < 0) return [...lines, rest];
    lines.push(rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
}
