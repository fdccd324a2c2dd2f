/**
 * Tables of text for people.
 *
 * @module
 */

/** As {@link table}, with the columns of numbers aligned at their ends. */
export function alignedTable(rows: readonly (readonly string[])[], numeric: readonly number[]): string {
  const widths = numeric.map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return table(rows.map((row) => row.map((cell, at) => cell.padStart(widths[numeric.indexOf(at)] ?? 0))));
}

/** Rows as aligned columns, two spaces apart; the last column is not padded. Ends with a newline if there are rows. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => i === row.length - 1 ? cell : cell.padEnd(widths[i]!)).join("  ").trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}
