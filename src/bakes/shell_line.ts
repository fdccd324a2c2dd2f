/**
 * Words for a shell.
 *
 * @module
 */

/** Words as one line that a shell takes for exactly these; a single word is taken for such a line already. */
export function shellLine(words: readonly string[]): string {
  if (words.length === 1) return words[0]!;
  return words.map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}
