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
