/**
 * silo's QEMU in the toolchain cache: `silo-qemu-KEY`, whole or absent, and the link `silo-qemu`, which silo follows.
 *
 * @module
 */
import { publish, removeIfThere, sweepLeftovers, temporaryBeside, withLock } from "../../../src/cache/atomic.ts";
import type { Progress } from "../../../src/debian/progress.ts";
import { runCommand } from "../../../src/debian/run_command.ts";
import { hasOwnQemu, OWN_QEMU_LINK, type OwnQemu, readOwnQemu } from "../../../src/debian/toolbox/own_qemu.ts";
import { qemuVersion } from "../../../src/debian/toolbox/qemu.ts";
import { toolchainDirectory } from "../../../src/debian/toolchain_directory.ts";
import { SiloError } from "../../../src/errors.ts";
import type { Host } from "../../../src/host.ts";
import { buildInDebian } from "./build_in_debian.ts";
import { recipeKey } from "./recipe.ts";

export interface BuildOptions {
  /** Also if it is there: Debian's source may be a newer one. */
  readonly force?: boolean;
  /** Fills an empty directory. */
  readonly build?: (host: Host, directory: string, progress: Progress) => Promise<void>;
}

/** Where the one of this checkout's recipe is or will be. */
export async function ownQemuPath(host: Host): Promise<string> {
  return `${toolchainDirectory(host)}/${OWN_QEMU_LINK}-${await recipeKey()}`;
}

/** The one of this checkout's recipe, if it is there. */
export async function builtQemu(host: Host): Promise<OwnQemu | undefined> {
  return hasOwnQemu(host) ? readOwnQemu(await ownQemuPath(host)) : undefined;
}

/**
 * Builds it if it is not there, and has the link lead to it. The next run of every silo home takes it.
 *
 * @throws {SiloError} if there is none for such a host, or it cannot be built.
 */
export async function ensureOwnQemu(host: Host, progress: Progress, options: BuildOptions = {}): Promise<OwnQemu> {
  if (!hasOwnQemu(host)) {
    throw new SiloError("could not build silo's QEMU: there is one for Linux on x86-64 only", {
      hint: "Elsewhere the host's is used.",
    });
  }
  const path = await ownQemuPath(host);
  const place = `${toolchainDirectory(host)}/${OWN_QEMU_LINK}`;
  // One at a time, of whichever recipe: a build takes all there is of the host.
  return await withLock(`${place}.lock`, async () => {
    await sweepLeftovers(place);
    let found = readOwnQemu(path);
    if (found === undefined || options.force) {
      const fresh = temporaryBeside(place);
      try {
        await Deno.mkdir(fresh);
        await (options.build ?? buildInDebian)(host, fresh, progress);
        await assertWhole(fresh);
        await replace(path, fresh, temporaryBeside(place));
      } finally {
        await removeIfThere(fresh);
      }
      found = readOwnQemu(path)!;
    }
    await link(place, path);
    return found;
  });
}

async function assertWhole(directory: string): Promise<void> {
  const made = readOwnQemu(directory);
  if (made === undefined || await qemuVersion([made.program]) === undefined) {
    throw new SiloError("could not build silo's QEMU: what was built does not start");
  }
  await runCommand(["sync", "-f", directory], { doing: "write silo's QEMU to the disk" });
}

/** What runs from the earlier one keeps its files. */
async function replace(path: string, fresh: string, aside: string): Promise<void> {
  await Deno.rename(path, aside).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await publish(fresh, path);
  await removeIfThere(aside);
}

async function link(place: string, path: string): Promise<void> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (await Deno.readLink(place).catch(() => undefined) === name) return;
  const temporary = temporaryBeside(place);
  await Deno.symlink(name, temporary);
  await publish(temporary, place);
}
