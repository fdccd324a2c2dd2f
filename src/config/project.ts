/**
 * Which directory a run is about: the nearest parent with a `silo.toml`, else the working directory.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { isThere } from "../is_there.ts";
import { contains, parentOf } from "../paths.ts";

export interface Project {
  /** The directory that is shared with the sandbox; absolute, free of symbolic links. */
  readonly root: string;
  /** The working directory relative to the root; "" if it is the root. */
  readonly inside: string;
  /** Its `silo.toml`, if it has one. */
  readonly configPath: string | undefined;
}

/** Finds the project of a directory. */
export function findProject(cwd: string, hasConfig: (path: string) => boolean = isThere): Project {
  for (let root = cwd;; root = parentOf(root)) {
    const configPath = `${root === "/" ? "" : root}/silo.toml`;
    if (hasConfig(configPath)) return { root, inside: relative(root, cwd), configPath };
    if (root === "/") return { root: cwd, inside: "", configPath: undefined };
  }
}

/**
 * Refuses a project that only somebody else's `silo.toml` in a parent directory makes one: in a place where others may
 * write, as /tmp, that file would decide how much of it is shared.
 *
 * @throws {SiloError} saying whose it is.
 */
export function assertOwnProject(project: Project, host: Pick<Host, "uid">): void {
  if (project.configPath === undefined || project.inside === "") return;
  const { uid } = Deno.lstatSync(project.configPath);
  if (uid === host.uid || uid === 0) return;
  throw new SiloError(
    `could not share ${project.root} with the sandbox: ${project.configPath} belongs to another user (uid ${uid})`,
    { hint: `If you trust its owner, run from ${project.root} itself; or share nothing: silo run --no-workspace …` },
  );
}

/**
 * Refuses directories that must not be shared as a whole: what is in them belongs to other programs, or decides what a
 * sandbox may do. `kept` is what no sandbox may ever see: silo's own state and programs.
 *
 * @throws {SiloError} saying why.
 */
export function assertShareable(path: string, what: string, host: Host, kept: readonly string[]): void {
  const refuse = (why: string, hint: string) => {
    throw new SiloError(`could not share ${path} with the sandbox ${what}: ${why}`, { hint });
  };
  const elsewhere = "Change to a directory of its own for this work, or share none: silo run --no-workspace …";
  const smaller = "Name a directory that holds less.";
  const hint = what === "as the project" ? elsewhere : smaller;
  if (path === "/") refuse("it is the whole file system", hint);
  for (const directory of kept) {
    if (contains(path, directory)) refuse(`silo keeps its own programs or state in it (${directory})`, hint);
    if (contains(directory, path)) refuse(`it belongs to silo's own programs or state (${directory})`, hint);
  }
  if (contains(path, host.home)) refuse("it holds your home directory, with the keys and settings of all else", hint);
}

function relative(root: string, path: string): string {
  return path === root ? "" : path.slice(root === "/" ? 1 : root.length + 1);
}
