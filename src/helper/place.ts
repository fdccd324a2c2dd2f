/**
 * Where silo's own parts are. `SILO_HELPER` and `SILO_GUEST` override the two programs; else there are two layouts:
 *
 * | layout    | silo                                                   | helper, guest          | registry                         |
 * | --------- | ------------------------------------------------------ | ---------------------- | -------------------------------- |
 * | checkout  | `scripts/silo`                                         | `build/`               | `registry/`                      |
 * | installed | `PREFIX/bin/silo`, compiled or a bundle with a runtime | `PREFIX/libexec/silo/` | embedded, `PREFIX/share/silo/registry` |
 *
 * A prefix is what an archive unpacks to, `/usr` (Debian), or a keg (Homebrew, whose `bin/silo` is a link to it).
 *
 * @module
 */

/** What layouts are told apart by. */
export interface Place {
  readonly installed: boolean;
  /** The installation's; of a checkout its root. Absolute. */
  readonly prefix: string;
  /** The program that runs: silo itself if it was compiled, else Deno. */
  readonly executable: string;
  /** Files that were compiled in, or the checkout. */
  readonly embedded: string;
}

/** Where a bundle's files lie in their prefix; `scripts/release` puts them there. */
const BUNDLE = "/libexec/silo/js";

/** Where this process is. A link to a compiled program, as Homebrew makes it, is followed to the program itself. */
export function here(
  executable: string = Deno.execPath(),
  module: string = import.meta.url,
  compiled: boolean = Deno.build.standalone,
): Place {
  const directory = parent(decodeURIComponent(module.slice("file://".length)));
  const bundled = directory.endsWith(BUNDLE);
  const embedded = bundled ? directory.slice(0, -BUNDLE.length) : parent(parent(directory));
  if (!compiled) return { installed: bundled, prefix: embedded, executable, embedded };
  const program = resolved(executable);
  return { installed: true, prefix: parent(parent(program)), executable: program, embedded };
}

/** Everything that a later `silo` runs on the host: whoever can write it, is silo. */
export function ownPrograms(place: Place = here()): string[] {
  const { prefix, executable, installed } = place;
  const parts = installed
    ? ["bin/silo", "libexec/silo", "share/silo"]
    : ["build", "deno.json", "deno.lock", "main.ts", "registry", "scripts", "src"];
  return [executable, ...parts.map((name) => `${prefix}/${name}`)];
}

/** Where a program of silo's own is to be: where the environment says, if it does, else where its layout has it. */
export function programPath(chosen: string | undefined, name: string, place: Place = here()): string {
  return chosen || `${place.prefix}/${place.installed ? "libexec/silo" : "build"}/${name}`;
}

/** Directories of silo's own tool definitions, best first. */
export function registryDirectories(place: Place = here()): string[] {
  const embedded = `${place.embedded}/registry`;
  return place.installed ? [embedded, `${place.prefix}/share/silo/registry`] : [embedded];
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function resolved(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
