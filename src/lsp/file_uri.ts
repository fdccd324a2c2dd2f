/**
 * `file:` URIs, as RFC 3986 and RFC 8089 have them and editors write them.
 *
 * @module
 */

/** A `file:` URI, taken apart. */
export interface FileUri {
  /** Segments of the path as they are written: `/a%20b/c` has `a%20b` and `c`. */
  readonly written: readonly string[];
  /** The same decoded. One that holds a slash was written as `%2F`. */
  readonly segments: readonly string[];
  /** Query and fragment, with their first character. */
  readonly suffix: string;
  /** Whether each segment is one name: none is empty, `.` or `..`, or holds a slash. */
  readonly plain: boolean;
}

/** Scheme of a URI, in small letters; undefined if it has none. RFC 3986, section 3.1. */
export function schemeOf(uri: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
}

/**
 * Takes a URI apart. Undefined if it is no `file:` URI of this machine, or names nothing that could be a path: another
 * host, a broken percent sign, a NUL.
 */
export function parseFileUri(uri: string): FileUri | undefined {
  const match = /^file:(?:\/\/(?:localhost)?(?=\/))?(\/[^?#]*)([?#].*)?$/is.exec(uri);
  if (match === null) return undefined;
  const path = match[1]!;
  if (path.startsWith("//") && !/^file:\/\//i.test(uri)) return undefined;
  const written = path.slice(1).split("/");
  let segments: string[];
  try {
    segments = written.map((segment) => decodeURIComponent(segment));
  } catch {
    return undefined;
  }
  if (segments.some((segment) => segment.includes("\0"))) return undefined;
  const last = segments.length - 1;
  // An empty last segment is the slash of a directory.
  const plain = segments.every((it, i) => isName(it) || (it === "" && i === last));
  return { written, segments, suffix: match[2] ?? "", plain };
}

function isName(segment: string): boolean {
  return segment !== "" && segment !== "." && segment !== ".." && !segment.includes("/");
}

/** The segments of a path without empty ones, `.` and `..`. Those of `/` are none. */
export function resolveSegments(segments: readonly string[]): string[] {
  const resolved: string[] = [];
  for (const name of segments.flatMap((segment) => segment.split("/"))) {
    if (name === "..") resolved.pop();
    else if (name !== "" && name !== ".") resolved.push(name);
  }
  return resolved;
}

/** The `file:` URI of a path. */
export function fileUri(segments: readonly string[]): string {
  return `file:///${segments.map(encodeSegment).join("/")}`;
}

/** As encodeURIComponent, but for half a surrogate pair, which no path of ours can hold. */
export function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.toWellFormed());
}

/** Whether a path is one of Windows: `/c:/…`, `C:\…`. */
export function isDrivePath(path: string): boolean {
  return /^\/?[a-z]:(?:[\\/]|$)/i.test(path);
}
