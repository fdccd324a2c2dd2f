/**
 * The silo home's own directories.
 *
 * @module
 */
import { reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";

/**
 * Makes the silo home, and in it the directories that every run expects. Cheap if they are there.
 *
 * @throws {SiloError} if that is not possible.
 */
export function ensureSiloHome(host: Host): void {
  try {
    for (const part of ["", "/scratch", "/snapshots", "/state"]) {
      Deno.mkdirSync(`${host.siloHome}${part}`, { recursive: true, mode: 0o700 });
    }
    // Images may be private, and whatever made the directory first may have been less careful.
    const { mode, uid } = Deno.statSync(host.siloHome);
    if (uid === host.uid && ((mode ?? 0) & 0o077) !== 0) Deno.chmodSync(host.siloHome, 0o700);
  } catch (cause) {
    throw new SiloError(`could not write to the silo home ${host.siloHome}: ${reasonOf(cause)}`, {
      hint: "Make sure that it belongs to you and its disk is not full. SILO_HOME may name another directory.",
      cause,
    });
  }
}
