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
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { VERSION } from "../version.ts";

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

/** Where a bundle lies in its prefix; `scripts/release` puts it there. */
const BUNDLE = "/libexec/silo/silo.js";

/** Where this process is. A link to a compiled program, as Homebrew makes it, is followed to the program itself. */
export function here(
  executable: string = Deno.execPath(),
  module: string = import.meta.url,
  compiled: boolean = Deno.build.standalone,
): Place {
  // Of a bundle, too, this is what two directories up means: the prefix.
  const embedded = decodeURIComponent(new URL("../..", module).pathname).replace(/\/$/, "");
  if (!compiled) return { installed: module.endsWith(BUNDLE), prefix: embedded, executable, embedded };
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

/** Where a program may be, best first. */
export function candidates(chosen: string | undefined, name: string, place: Place = here()): string[] {
  if (chosen) return [chosen];
  return [place.installed ? `${place.prefix}/libexec/silo/${name}` : `${place.prefix}/build/${name}`];
}

/** Directories of silo's own tool definitions, best first. */
export function registryDirectories(place: Place = here()): string[] {
  const embedded = `${place.embedded}/registry`;
  return place.installed ? [embedded, `${place.prefix}/share/silo/registry`] : [embedded];
}

/**
 * The helper's path. Only looks whether a file is there; whether it works shows when it is started.
 *
 * @throws {SiloError} if there is none.
 */
export function locateHelper(host: Host): string {
  return locate("silo-helper", "SILO_HELPER", host, here());
}

/**
 * The guest agent's path.
 *
 * @throws {SiloError} if there is none.
 */
export function locateGuest(host: Host, place: Place = here()): string {
  return locate("silo-guest", "SILO_GUEST", host, place);
}

/** What brings a program that is missing or of another release. */
export function mend({ installed, prefix }: Place = here()): string {
  if (!installed) return "Run scripts/build.";
  if (prefix.includes("/Cellar/")) return "Run: brew reinstall silo";
  if (prefix === "/usr") return "Run: sudo apt-get install --reinstall silo";
  return `Unpack the archive of silo ${VERSION} again, all of it: its bin/ and libexec/ belong together.`;
}

/** What brings a guest agent to a checkout on a Mac: it is a program of Linux, which no Mac builds. */
export function guestFromLinux(place: Place = here()): string {
  const made = `build/release/silo-${VERSION}-macos-arm64/libexec/silo/silo-guest`;
  return `It is a program of Linux. There, scripts/release --target macos-arm64 --form bundle leaves it in\n` +
    `${made}; put it into ${place.prefix}/build.`;
}

function locate(name: "silo-helper" | "silo-guest", variable: string, host: Host, place: Place): string {
  const paths = candidates(host.env[variable], name, place);
  for (const path of paths) {
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch { /* not this one */ }
  }
  throw new SiloError(`could not find ${name}: it is not at ${paths.join(", nor at ")}`, {
    hint: host.env[variable]
      ? `${variable} names it; unset the variable or correct it.`
      : name === "silo-guest" && host.platform === "macos" && !place.installed
      ? guestFromLinux(place)
      : mend(place),
  });
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
