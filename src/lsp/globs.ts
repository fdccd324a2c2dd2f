/**
 * Glob patterns that begin with a path: the protocol's "Pattern" and "RelativePattern".
 *
 * @module
 */

/** Characters that mean something in a pattern. */
const SPECIAL = /[*?{}[\]!]/;

/**
 * The pattern with its leading directories mapped. One that does not begin with a path counts from the workspace; of
 * such a one, `..` is taken away, which would lead out of it.
 */
export function mapGlob(pattern: string, map: (path: string) => string | undefined): string | undefined {
  const parts = pattern.split("/");
  if (!pattern.startsWith("/")) {
    const inside = parts.filter((part) => part !== "..");
    return inside.length === parts.length ? undefined : inside.join("/");
  }
  let fixed = parts.findIndex((part) => SPECIAL.test(part));
  if (fixed < 0) fixed = parts.length;
  const directory = parts.slice(0, fixed).join("/") || "/";
  const mapped = map(directory);
  if (mapped === undefined) return undefined;
  const rest = parts.slice(fixed).filter((part) => part !== "..");
  return [mapped.replace(/\/$/, "").replace(/[*?{}[\]]/g, "[$&]"), ...rest].join("/");
}
