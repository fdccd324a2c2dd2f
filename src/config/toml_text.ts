/**
 * Values as TOML text, as a person would write them.
 *
 * @module
 */

/** A list or table over this is written on several lines. */
const MAX_LINE = 100;

/** `name` or `"a name"`. */
export function tomlKey(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : tomlString(name);
}

export function tomlKeys(path: readonly string[]): string {
  return path.map(tomlKey).join(".");
}

/** `key = value`, without a newline at the end; a long list gets a line an item. */
export function tomlLine(key: readonly string[], value: unknown): string {
  const line = `${tomlKeys(key)} = ${tomlValue(value)}`;
  if (line.length <= MAX_LINE || !Array.isArray(value)) return line;
  return `${tomlKeys(key)} = [\n${value.map((item) => `  ${tomlValue(item)},\n`).join("")}]`;
}

/** A value on one line. Tables are written inline; undefined members are left out. */
export function tomlValue(value: unknown): string {
  if (typeof value === "string") return tomlString(value);
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (value instanceof Date) return value.toISOString();
  const members = Object.entries(value as object).filter(([, member]) => member !== undefined);
  if (members.length === 0) return "{}";
  return `{ ${members.map(([key, member]) => `${tomlKey(key)} = ${tomlValue(member)}`).join(", ")} }`;
}

/** A basic string (TOML 1.0, section String). */
function tomlString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll("\x7f", "\\u007f");
}

/** Whether it is a table: neither a list nor a date. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
