/**
 * From mounts as people write them to directories that are there and may be shared.
 *
 * @module
 */
import type { MountSetting } from "../config/config.ts";
import { assertShareable, contains } from "../config/project.ts";
import { printable, reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { MountPlan } from "./run_plan.ts";

/** Every machine has this many slots for shares; the project takes one. */
export const MAX_SHARES = 8;

/** Places in the sandbox that hold its own system. */
const RESERVED = ["/proc", "/sys", "/dev", "/run", "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/boot"];

/**
 * Looks every mount up on the host.
 *
 * @param mounts with absolute sources.
 * @param kept directories that no sandbox may see, see {@link assertShareable}.
 * @throws {SiloError} that names the mount.
 */
export function resolveMounts(mounts: readonly MountSetting[], host: Host, kept: readonly string[]): MountPlan[] {
  if (mounts.length > MAX_SHARES - 1) {
    throw new SiloError(`could not mount ${mounts.length} directories: at most ${MAX_SHARES - 1} are possible`);
  }
  const plans = mounts.map((mount, i): MountPlan => {
    const shown = printable(mount.source);
    const hostPath = realDirectory(mount.source, shown);
    assertShareable(hostPath, `as ${printable(mount.target)}`, host, kept);
    return { tag: `mount${i}`, hostPath, guestPath: guestPath(mount.target), readOnly: mount.readOnly ?? false };
  });
  // Outer directories first, so that an inner one is mounted on top of them.
  return plans.sort((a, b) => a.guestPath.split("/").length - b.guestPath.split("/").length);
}

function realDirectory(path: string, shown: string): string {
  let real: string;
  let isDirectory: boolean;
  try {
    real = Deno.realPathSync(path);
    isDirectory = Deno.statSync(real).isDirectory;
  } catch (cause) {
    throw new SiloError(`could not mount ${shown}: ${reasonOf(cause)}`, { cause });
  }
  if (!isDirectory) throw new SiloError(`could not mount ${shown}: only directories can be mounted`);
  return real;
}

function guestPath(target: string): string {
  const path = target.replace(/\/+/g, "/").replace(/(.)\/$/, "$1");
  const refuse = (why: string) => new SiloError(`could not mount on ${printable(target)} in the sandbox: ${why}`);
  if (path.split("/").some((part) => part === "." || part === "..")) throw refuse("it contains . or ..");
  if (path === "/") throw refuse("it is the root of the sandbox itself");
  const reserved = RESERVED.find((directory) => contains(directory, path));
  if (reserved !== undefined) throw refuse(`${reserved} belongs to the sandbox's own system`);
  return path;
}
