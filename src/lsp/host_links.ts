/** Symbolic links of the host's file system. @module */
import type { Links } from "./roots.ts";
import { isThere } from "../is_there.ts";

/** The real file system. */
export const hostLinks: Links = { real };

function real(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (!isAbsent(error)) return undefined;
  }
  // Not there yet, or a link that leads nowhere: through that an editor would make a file elsewhere.
  if (isThere(path) || path === "/") return undefined;
  const slash = path.lastIndexOf("/");
  const parent = real(path.slice(0, slash) || "/");
  return parent && `${parent === "/" ? "" : parent}${path.slice(slash)}`;
}

function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
