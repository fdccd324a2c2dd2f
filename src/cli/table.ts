/**
 * Tables of text for people.
 *
 * @module
 */

/** Rows as aligned columns, two spaces apart; the last column is not padded. Ends with a newline if there are rows. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => i === row.length - 1 ? cell : cell.padEnd(widths[i]!)).join("  ").trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}
