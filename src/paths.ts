/**
 * Paths as text, compared.
 *
 * @module
 */

/** Whether `inner` is `outer` or lies in it. Both absolute, free of symbolic links. */
export function contains(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer === "/" ? "/" : `${outer}/`);
}

/** The directory that holds this one; `/` is its own. Absolute. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
