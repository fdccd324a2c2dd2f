/**
 * Where in the sandbox something of the host may be put.
 *
 * @module
 */
import { contains } from "../paths.ts";
import { printable, SiloError } from "../errors.ts";

/** Places that hold the sandbox's own system. */
const SYSTEM = ["/proc", "/sys", "/dev", "/run", "/boot"];
/** Places for single files, not for whole directories. */
const FILES_ONLY = ["/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64"];

/**
 * A path of the sandbox in one form.
 *
 * @throws {SiloError} that names the path and why nothing can be put there.
 */
export function guestPath(target: string, what: "directory" | "file" = "directory"): string {
  const path = target.replace(/\/+/g, "/").replace(/(.)\/$/, "$1");
  const refuse = (why: string) => new SiloError(`could not mount on ${printable(target)} in the sandbox: ${why}`);
  if (path.split("/").some((part) => part === "." || part === "..")) throw refuse("it contains . or ..");
  if (path === "/") throw refuse("it is the root of the sandbox itself");
  const reserved = [...SYSTEM, ...what === "directory" ? FILES_ONLY : []].find((it) => contains(it, path));
  if (reserved !== undefined) throw refuse(`${reserved} belongs to the sandbox's own system`);
  return path;
}
