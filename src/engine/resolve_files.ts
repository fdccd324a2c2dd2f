/**
 * From `passFiles` to files that are there and may be shown. They are copied for the run: the sandbox sees what they
 * were at its start.
 *
 * @module
 */
import { contains } from "../paths.ts";
import { printable, reasonOf, SiloError } from "../errors.ts";
import { guestPath } from "./guest_path.ts";
import { assertNoPlantedLink } from "./resolve_mounts.ts";
import type { FilePlan } from "./run_plan.ts";

/** A file to pass is a setting or a key, no data set. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Looks every file up on the host; one that is not there is left out, as a variable that is not set.
 *
 * @param files with absolute sources.
 * @param kept directories that no sandbox may see.
 * @param writable directories that a sandbox can write: no link in them leads out.
 * @param workspace where the project is in the sandbox: a file put there would be made in the project.
 * @throws {SiloError} that names the file.
 */
export function resolveFiles(
  files: readonly { readonly source: string; readonly target: string }[],
  where: {
    readonly kept: readonly string[];
    readonly writable: readonly string[];
    readonly workspace: string;
    readonly guestHome: string;
  },
): FilePlan[] {
  return files.flatMap(({ source, target }) => {
    const shown = printable(source);
    const refuse = (why: string, hint?: string) => new SiloError(`could not pass the file ${shown}: ${why}`, { hint });
    let hostPath: string;
    try {
      hostPath = Deno.realPathSync(source);
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return [];
      throw refuse(reasonOf(cause));
    }
    assertNoPlantedLink(source, where.writable);
    const info = Deno.statSync(hostPath);
    if (info.isDirectory) throw refuse("it is a directory", "A directory is shown by [[mounts]].");
    if (!info.isFile) throw refuse("it is not a regular file");
    if (info.size > MAX_BYTES) throw refuse("it is larger than 16 MiB", "Show its directory by [[mounts]].");
    const keeper = where.kept.find((directory) => contains(directory, hostPath));
    if (keeper !== undefined) throw refuse(`it belongs to silo's own programs or state (${keeper})`);
    const at = guestPath(target.startsWith("~/") ? where.guestHome + target.slice(1) : target, "file");
    if (contains(where.workspace, at)) throw refuse("the project is no place for it in the sandbox");
    return [{ hostPath, guestPath: at }];
  });
}
