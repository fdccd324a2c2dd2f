/**
 * From mounts as people write them to directories that are there and may be shared.
 *
 * @module
 */
import type { MountSetting } from "../config/config.ts";
import { assertShareable } from "../config/project.ts";
import { contains } from "../paths.ts";
import { printable, reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { guestPath } from "./guest_path.ts";
import type { MountPlan } from "./run_plan.ts";

/** Every machine has this many slots for shares; the project takes one. */
export const MAX_SHARES = 8;

/**
 * Looks every mount up on the host.
 *
 * @param mounts with absolute sources.
 * @param kept directories that no sandbox may see, see {@link assertShareable}.
 * @param project the directory that the sandbox may write anyway; a link in it leads no mount out of it.
 * @throws {SiloError} that names the mount.
 */
export function resolveMounts(
  mounts: readonly MountSetting[],
  host: Host,
  kept: readonly string[],
  project: string | null,
): MountPlan[] {
  if (mounts.length > MAX_SHARES - 1) {
    throw new SiloError(`could not mount ${mounts.length} directories: at most ${MAX_SHARES - 1} are possible`);
  }
  const sources = mounts.map((mount) => realDirectory(mount.source, printable(mount.source)));
  // Who can write a directory can turn what is in it into a link to anything of the person's.
  const writable = sources.filter((_, i) => !mounts[i]!.readOnly);
  if (project !== null) writable.push(project);
  const plans = mounts.map((mount, i): MountPlan => {
    const hostPath = sources[i]!;
    assertNoPlantedLink(mount.source, writable);
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
    const why = cause instanceof Deno.errors.NotFound ? "there is no such directory" : reasonOf(cause);
    throw new SiloError(`could not mount ${shown}: ${why}`, { cause });
  }
  if (!isDirectory) throw new SiloError(`could not mount ${shown}: only directories can be mounted`);
  return real;
}

/**
 * Refuses a path that enters a directory which a sandbox can write and leaves it by a symbolic link: the link may be a
 * sandbox's work, and consent to `./data` is no consent to where it leads today.
 */
export function assertNoPlantedLink(path: string, writable: readonly string[]): void {
  let at = "/";
  for (const part of path.split("/").filter((part) => part !== "" && part !== ".")) {
    const next = Deno.realPathSync(`${at}/${part}`);
    const left = part === ".." ? undefined : writable.find((root) => contains(root, at) && !contains(root, next));
    if (left !== undefined) {
      throw new SiloError(
        `could not mount ${printable(path)}: a symbolic link leads out of ${left}, which a sandbox can write`,
        { hint: `If you want it, name the directory itself: ${next}` },
      );
    }
    at = next;
  }
}
