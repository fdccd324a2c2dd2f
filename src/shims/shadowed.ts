/**
 * Shims that nobody reaches, since another program of the name comes first on PATH.
 *
 * @module
 */
import type { Host } from "../host.ts";

export interface Shadowed {
  readonly name: string;
  /** What is run instead. */
  readonly by: string;
}

/** Which of the names are shadowed; undefined if the directory of shims is not on PATH at all. */
export function shadowedShims(
  host: Pick<Host, "env">,
  directory: string,
  names: readonly string[],
  isProgram: (path: string) => boolean = isExecutable,
): Shadowed[] | undefined {
  const path = (host.env.PATH ?? "").split(":").filter((part) => part !== "");
  const at = path.indexOf(directory);
  if (at < 0) return undefined;
  return names.flatMap((name) => {
    const before = path.slice(0, at).find((part) => isProgram(`${part}/${name}`));
    return before === undefined ? [] : [{ name, by: `${before}/${name}` }];
  });
}

function isExecutable(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}
