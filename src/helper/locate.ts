/**
 * Where the helper is: `SILO_HELPER`, else beside an installed silo, else in the `build/` of a checkout.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";

/** The directory of the checkout, or of the compiled program's embedded files. */
const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname).replace(/\/$/, "");

/** Where the helper may be, best first. */
export function helperCandidates(host: Host, executable: string = Deno.execPath()): string[] {
  const chosen = host.env.SILO_HELPER;
  if (chosen) return [chosen];
  const bin = executable.slice(0, executable.lastIndexOf("/"));
  const prefix = bin.slice(0, bin.lastIndexOf("/"));
  return [`${ROOT}/build/libexec/silo-helper`, `${ROOT}/build/silo-helper`, `${prefix}/libexec/silo/silo-helper`];
}

/**
 * The helper's path. Only looks whether a file is there; whether it works shows when it is started.
 *
 * @throws {SiloError} if there is none.
 */
export function locateHelper(host: Host): string {
  const candidates = helperCandidates(host);
  for (const path of candidates) {
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch { /* not this one */ }
  }
  throw new SiloError(`could not find silo-helper: it is not at ${candidates.join(", nor at ")}`, {
    hint: host.env.SILO_HELPER
      ? "SILO_HELPER names it; unset the variable or correct it."
      : "From a checkout: scripts/build. Else reinstall silo.",
  });
}
