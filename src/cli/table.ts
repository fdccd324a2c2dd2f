/**
 * Tables of text for people.
 *
 * @module
 */
import { broken } from "./break_line.ts";

/** A last column that would get less than this is not broken: it would be a tower of words. */
const LEAST_WIDTH = 16;

/** As {@link table}, with the columns of numbers aligned at their ends. */
export function alignedTable(
  rows: readonly (readonly string[])[],
  numeric: readonly number[],
  columns = Infinity,
): string {
  const widths = numeric.map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return table(rows.map((row) => row.map((cell, at) => cell.padStart(widths[numeric.indexOf(at)] ?? 0))), columns);
}

/**
 * Rows as aligned columns, two spaces apart; the last column is not padded. Ends with a newline if there are rows.
 *
 * @param columns how many there are: what is too long for the last column goes on under it.
 */
export function table(rows: readonly (readonly string[])[], columns = Infinity): string {
  const widths: number[] = [];
  for (const row of rows) row.slice(0, -1).forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  const whole = (row: readonly string[]) =>
    row.map((cell, i) => i === row.length - 1 ? cell : cell.padEnd(widths[i]!)).join("  ").trimEnd();
  const lines = rows.flatMap((row) => {
    const before = row.slice(0, -1).reduce((sum, _, i) => sum + widths[i]! + 2, 0);
    const [first = "", ...rest] = columns - before < LEAST_WIDTH
      ? row.slice(-1)
      : broken(row.at(-1) ?? "", columns - before);
    return [whole([...row.slice(0, -1), first]), ...rest.map((part) => " ".repeat(before) + part)];
  });
  return lines.map((line) => `${line}\n`).join("");
}
