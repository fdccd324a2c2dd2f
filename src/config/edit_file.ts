/**
 * A person's own change of a `silo.toml`, by a command: written whole or not at all, and accepted, since it is theirs.
 *
 * @module
 */
import { parse } from "smol-toml";
import type { StepPrograms } from "../bakes/step_programs.ts";
import { writeFileAtomic } from "../cache/atomic.ts";
import { printable, reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { ConfigFile } from "./config.ts";
import { type Document, editToml } from "./edit.ts";
import { type ConfigKind, loadConfig } from "./load.ts";
import { assertOwnProject, assertShareable, findProject } from "./project.ts";
import { acceptEdit } from "./trust.ts";

/** A `silo.toml` that commands may change; it need not be there yet. */
export interface EditableFile {
  readonly path: string;
  readonly kind: ConfigKind;
}

/**
 * The file that a command is about: the project's (a new one in the working directory, if there is none), or the
 * person's own.
 *
 * @throws {SiloError} where no project may be.
 */
export function fileToEdit(host: Host, isGlobal: boolean): EditableFile {
  if (isGlobal) return { path: `${host.siloHome}/silo.toml`, kind: "user" };
  const project = findProject(host.cwd());
  assertOwnProject(project, host);
  try {
    assertShareable(project.root, "as the project", host, [host.siloHome]);
  } catch (error) {
    throw new SiloError(`could not change a silo.toml here: ${printable(project.root)} cannot be a project`, {
      hint: "Change to your project, or add --global to change your own settings.",
      cause: error,
    });
  }
  return { path: `${project.root === "/" ? "" : project.root}/silo.toml`, kind: "project" };
}

/**
 * Changes a file in place; see {@link editToml}. What the change opens counts as accepted; what waited for consent before
 * waits on.
 *
 * @param seen what the steps run, if that was looked at before the change; see {@link acceptEdit}.
 * @returns whether anything changed.
 * @throws {SiloError} if the file is wrong before or after.
 */
export async function editConfig(
  host: Host,
  { path, kind }: EditableFile,
  change: (document: Document) => void,
  seen?: StepPrograms,
): Promise<boolean> {
  const { ensureSiloHome } = await import("../tools/silo_home.ts");
  ensureSiloHome(host);
  const before = await loadConfig(host, path, kind); // a file that is wrong is told of, not made worse
  const text = before === undefined ? "" : readRegular(path);
  const edited = await editToml(text, change);
  if (edited === text) return false;
  const after = parse(edited) as ConfigFile;
  const { mistakesIn } = await import("./schema.ts");
  const mistakes = mistakesIn(after, kind);
  if (mistakes.length > 0) throw (await import("./explain.ts")).explainMistakes(path, edited, mistakes);
  const mode = before === undefined ? 0o644 : (Deno.statSync(path).mode ?? 0o644) & 0o777;
  try {
    await writeFileAtomic(path, edited, { mode });
  } catch (cause) {
    throw new SiloError(`could not write ${path}: ${reasonOf(cause)}`, { cause });
  }
  if (kind === "project") await acceptEdit(host, path, before?.config ?? {}, after, seen);
  return true;
}

/** Renaming over a link would leave what it leads to as it was; writing through it might go anywhere. */
function readRegular(path: string): string {
  if (!Deno.lstatSync(path).isFile) {
    throw new SiloError(`could not change ${path}: it is a symbolic link`, {
      hint: "Change the file that it leads to, or put a file in its place.",
    });
  }
  return Deno.readTextFileSync(path);
}
