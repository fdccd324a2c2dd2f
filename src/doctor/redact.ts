/**
 * A configuration without what it keeps secret, for a bug report. Pure.
 *
 * @module
 */

/** Words that say that a text beside them is a secret, wherever it stands. */
const SECRET = /(?:token|secret|passw|credential|api_?key|private_?key|authorization)/i;

/** Tokens by their looks: of GitHub, npm, PyPI, AWS, Slack, OpenAI and the like, JWTs, and user names in addresses. */
const LOOKS: readonly [RegExp, string][] = [
  [/\b(?:gh[pousr]_|github_pat_|npm_|pypi-|glpat-|sk-|xox[abprs]-)[\w-]{8,}/g, "‹token›"],
  [/\bAKIA[0-9A-Z]{16}\b/g, "‹token›"],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, "‹token›"],
  [/(\b[a-z][a-z+.-]*:\/\/)[^/@\s"']+@/gi, "$1‹login›@"],
];

/** A parsed file with the values of its variables and everything that looks like a secret replaced. */
export function redactConfig(value: unknown, home: string, path: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => redactConfig(item, home, path));
  if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    const entries = Object.entries(value)
      .map(([key, member]) => [redactText(key, home), redactConfig(member, home, [...path, key])]);
    return Object.fromEntries(entries);
  }
  if (typeof value !== "string") return value;
  return isValue(path) ? `‹${value.length} characters›` : redactText(value, home);
}

/** Whether a person's own value stands there; other texts are names, hosts and paths. */
function isValue(path: readonly string[]): boolean {
  const [first, , ...rest] = path;
  // The same keys stand below `tools.NAME` and `repos.NAME`.
  if ((first === "tools" || first === "repos") && rest.length > 0) return isValue(rest);
  if (first === "env") return true;
  if (first === "secrets") return path.at(-1) !== "hosts";
  return SECRET.test(path.at(-1) ?? "");
}

/** Any text without what looks like a secret, and without the name of the person's home directory. */
export function redactText(text: string, home: string): string {
  let result = text;
  for (const [pattern, replacement] of LOOKS) result = result.replace(pattern, replacement);
  return home.length > 1 ? result.replaceAll(home, "~") : result;
}
