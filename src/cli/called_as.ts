/**
 * By which name silo was called: a link to it that is called like a program of a tool is that program.
 *
 * @module
 */

/**
 * The program that a command line is about by its name alone: `python` for `/home/me/bin/python`; undefined for silo
 * itself, whatever stands after it (`silo-0.2`).
 *
 * @param argv0 how the program was called: a path, or a name alone.
 */
export function calledAs(argv0: string): string | undefined {
  const name = argv0.slice(argv0.lastIndexOf("/") + 1);
  return name === "" || name.startsWith("silo") ? undefined : name;
}

/**
 * The name that a compiled silo was called by. Where silo is a script, in a checkout or beside a bundle, that one has
 * put it into the command line already.
 */
export async function compiledName(): Promise<string | undefined> {
  return calledAs((await import("node:process")).default.argv0);
}
