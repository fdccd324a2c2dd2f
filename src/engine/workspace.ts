/**
 * How the project is seen in the sandbox: where, whether it can be written, and what of it is hidden.
 *
 * @module
 */
import type { WorkspaceSettings } from "../config/config.ts";
import { printable, SiloError } from "../errors.ts";
import { guestPath } from "./guest_path.ts";
import type { MountPlan } from "./run_plan.ts";

/** Where the project is seen in the sandbox, if nothing else is said. */
export const WORKSPACE = "/workspace";

export interface WorkspacePlan {
  readonly mount: MountPlan;
  /** The working directory in the sandbox. */
  readonly directory: string;
  /** Paths in the sandbox that something empty hides. */
  readonly covered: readonly string[];
}

/** Looks a path of the project up, without following a link at its end. */
export type LookUp = (path: string) => "directory" | "file" | "link" | "nothing";

/**
 * Decides it.
 *
 * @throws {SiloError} if it cannot be as it is wanted.
 */
export function planWorkspace(
  project: { readonly root: string; readonly inside: string },
  settings: WorkspaceSettings,
  lookUp: LookUp,
): WorkspacePlan {
  const { root, inside } = project;
  const at = settings.mode === "same-path" ? guestPath(root) : WORKSPACE;
  const readOnly = settings.readonly ?? false;
  const covered = (settings.exclude ?? []).flatMap((path) => {
    const there = findInside(root, path.replace(/\/$/, ""), lookUp);
    // What is not there yet is made and hidden, so that what is written there stays in the sandbox.
    return there === "nothing" && readOnly ? [] : [`${at}/${path.replace(/\/$/, "")}`];
  });
  return {
    mount: { tag: "workspace", hostPath: root, guestPath: at, readOnly },
    directory: inside === "" ? at : `${at}/${inside}`,
    covered,
  };
}

/** A link on the way would have something else hidden than what is named. */
function findInside(root: string, path: string, lookUp: LookUp): ReturnType<LookUp> {
  let there: ReturnType<LookUp> = "directory";
  let at = root;
  for (const name of path.split("/")) {
    at += `/${name}`;
    there = lookUp(at);
    if (there === "link") {
      throw new SiloError(`could not hide ${printable(path)} from the sandbox: ${printable(at)} is a symbolic link`, {
        hint: "Name the directory itself in mount.exclude.",
      });
    }
    if (there === "nothing") return there;
  }
  return there;
}

/** On the real file system. */
export function lookUpPath(path: string): ReturnType<LookUp> {
  try {
    const info = Deno.lstatSync(path);
    return info.isSymlink ? "link" : info.isDirectory ? "directory" : "file";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return "nothing";
    throw error;
  }
}
