/**
 * The helper's process. It may be started before anybody knows what to tell it: while it starts, configuration is read.
 * One that is told nothing ends with silo, whose end of its input closes.
 *
 * @module
 */
import { reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { programPath } from "./place.ts";

/** A helper that runs and has been told nothing yet. */
export interface SpawnedHelper {
  readonly path: string;
  readonly child: Deno.ChildProcess;
}

/** Only what programs need to work: neither the helper nor what it starts has any business with the person's secrets. */
const PASSED_TO_HELPER = ["PATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR", "SILO_HOME", "SILO_DEBUG"];

/**
 * Starts the helper at `path`.
 *
 * @throws {SiloError} if it cannot be started.
 */
export function spawnHelper(path: string, host: Host): SpawnedHelper {
  const env: Record<string, string> = { LC_ALL: "C.UTF-8" };
  for (const name of PASSED_TO_HELPER) {
    const value = host.env[name];
    if (value !== undefined) env[name] = value;
  }
  try {
    const command = new Deno.Command(path, {
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      cwd: "/",
      env,
      clearEnv: true,
    });
    return { path, child: command.spawn() };
  } catch (cause) {
    throw new SiloError(`could not start silo-helper: ${path}: ${reasonOf(cause)}`, {
      hint: "From a checkout: scripts/build. Else reinstall silo.",
      cause,
    });
  }
}

/**
 * The helper of a run that is about to be planned; undefined if it cannot be started, which whoever needs it will tell.
 * Nothing is looked at before, which would be a millisecond of its own.
 */
export function spawnEarly(host: Host): SpawnedHelper | undefined {
  try {
    return spawnHelper(programPath(host.env.SILO_HELPER, "silo-helper"), host);
  } catch {
    return undefined;
  }
}
