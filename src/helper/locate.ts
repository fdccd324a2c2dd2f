/**
 * Where silo's own programs are: `SILO_HELPER` and `SILO_GUEST`, else `libexec/silo/` beside an installed silo, else the
 * `build/` of a checkout.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";

/** The directory of the checkout, or of the compiled program's embedded files. */
const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname).replace(/\/$/, "");

/** Everything that a later `silo` runs on the host: whoever can write it, is silo. */
export function ownPrograms(executable: string = Deno.execPath(), root: string = ROOT): string[] {
  const bin = executable.slice(0, executable.lastIndexOf("/"));
  const checkout = ["build", "deno.json", "deno.lock", "main.ts", "registry", "scripts", "src"];
  return [
    executable,
    `${bin.slice(0, bin.lastIndexOf("/"))}/libexec/silo`,
    ...checkout.map((name) => `${root}/${name}`),
  ];
}

/** Where a program may be, best first. */
export function candidates(
  chosen: string | undefined,
  name: string,
  executable: string = Deno.execPath(),
  root: string = ROOT,
): string[] {
  if (chosen) return [chosen];
  const bin = executable.slice(0, executable.lastIndexOf("/"));
  const prefix = bin.slice(0, bin.lastIndexOf("/"));
  return [`${root}/build/${name}`, `${prefix}/libexec/silo/${name}`];
}

/**
 * The helper's path. Only looks whether a file is there; whether it works shows when it is started.
 *
 * @throws {SiloError} if there is none.
 */
export function locateHelper(host: Host): string {
  return locate("silo-helper", "SILO_HELPER", host);
}

/**
 * The guest agent's path.
 *
 * @throws {SiloError} if there is none.
 */
export function locateGuest(host: Host): string {
  return locate("silo-guest", "SILO_GUEST", host);
}

function locate(name: string, variable: string, host: Host): string {
  const paths = candidates(host.env[variable], name);
  for (const path of paths) {
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch { /* not this one */ }
  }
  throw new SiloError(`could not find ${name}: it is not at ${paths.join(", nor at ")}`, {
    hint: host.env[variable]
      ? `${variable} names it; unset the variable or correct it.`
      : "From a checkout: scripts/build. Else reinstall silo.",
  });
}
