/**
 * URIs put together of parts that are percent-encoded already.
 *
 * @module
 */

/** What is written of a URI before the last of some segments, with it. */
export function uriPrefix(uri: string, written: readonly string[]): string {
  const path = `/${written.join("/")}`;
  return uri.slice(0, uri.indexOf(path, "file:".length) + path.length);
}

/** A URI without the slash at its end. */
export function prefixOf(uri: string): string {
  return uri.replace(/\/$/, "");
}

/** A directory's URI with more segments and with query and fragment. */
export function joinUri(prefix: string, rest: readonly string[], suffix: string): string {
  const path = rest.length > 0 ? `${prefix}/${rest.join("/")}` : prefix === "file://" ? "file:///" : prefix;
  return path + suffix;
}
