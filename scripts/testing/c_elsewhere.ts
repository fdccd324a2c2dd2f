/**
 * The C of both programs as a system compiles it that is not Linux.
 *
 * @module
 */

/**
 * Flags that make a compiler of Linux take the other branches. A Mac's headers have a name that Linux's do not; of what
 * Linux's headers have beyond a Mac's nothing is taken away, so that this finds less than a Mac's compiler would.
 */
export const NOT_LINUX = [
  ...["-U__linux__", "-U__linux", "-Ulinux", "-U__gnu_linux__"],
  "-DSO_NOSIGPIPE=0x1022",
];

/** The functions that headers declare. */
export function declared(headers: readonly string[]): string[] {
  const names = headers.flatMap((text) => [...text.matchAll(/\b(silo_\w+)\(/g)].map((match) => match[1]!));
  return [...new Set(names)].sort();
}

/** A program that needs every function that the headers declare, so that a linker misses those that are not there. */
export function needsAll(headers: readonly { readonly name: string; readonly text: string }[]): string {
  const includes = headers.map(({ name }) => `#include "${name}"\n`).join("");
  const functions = declared(headers.map(({ text }) => text)).map((name) => `    (void *)${name},\n`).join("");
  return `${includes}void *const all[] = {\n${functions}};\nint main(void) { return all[0] == 0; }\n`;
}
