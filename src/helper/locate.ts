/**
 * The helper and the guest agent, looked for where they are to be; and what brings one that is not there.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { VERSION } from "../version.ts";
import { here, type Place, programPath } from "./place.ts";

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
  const path = programPath(host.env[variable], name, place);
  try {
    if (Deno.statSync(path).isFile) return path;
  } catch { /* it is not */ }
  throw new SiloError(`could not find ${name}: it is not at ${path}`, {
    hint: host.env[variable]
      ? `${variable} names it; unset the variable or correct it.`
      : name === "silo-guest" && host.platform === "macos" && !place.installed
      ? guestFromLinux(place)
      : mend(place),
  });
}
