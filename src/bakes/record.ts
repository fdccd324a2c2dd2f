/**
 * Writing steps into a `silo.toml`: comments and order stay.
 *
 * @module
 */
import type { StepSetting } from "../config/config.ts";
import { tableAt } from "../config/edit.ts";
import { editConfig, fileToEdit } from "../config/edit_file.ts";
import type { Host } from "../host.ts";
import type { Scope } from "./place.ts";
import type { StepPrograms } from "./step_programs.ts";

/**
 * Records the steps of a tool, in place of those that are there; none takes them away.
 *
 * @param seen what the file's steps run, as it was asked about and built: only that is accepted, though the disk may
 * have something else by now.
 * @returns the file that was changed.
 * @throws {import("../errors.ts").SiloError} if it cannot be changed.
 */
export async function recordSteps(
  host: Host,
  scope: Scope,
  tool: string,
  steps: readonly StepSetting[],
  seen?: StepPrograms,
): Promise<string> {
  const file = fileToEdit(host, scope === "global");
  await editConfig(host, file, (document) => {
    const table = tableAt(document, ["tools", tool]);
    if (steps.length > 0) table.post_install = steps;
    else delete table.post_install; // what names the tool stays: `silo unuse` takes that away
  }, seen);
  return file.path;
}
