/**
 * Getting everything that every run needs: a kernel and what it starts from; on Linux QEMU and an empty scratch disk too.
 *
 * @module
 */
import { removeIfThere, sweepLeftovers, withLock, writeFileAtomic } from "../cache/atomic.ts";
import { DEFAULT_ROOTFS_SIZE_MB } from "../config/config.ts";
import { type Progress, silent } from "../debian/progress.ts";
import { ensureMke2fs } from "../debian/toolbox/e2fsprogs.ts";
import { ensureQemu } from "../debian/toolbox/qemu.ts";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { AppleSources } from "./apple/sources.ts";
import { ensureInitramfs } from "./initramfs.ts";
import { ensureKernel } from "./kernel.ts";
import {
  type Machine,
  MACHINE_FILE_VERSION,
  machineFilePath,
  overridesOf,
  ownQemuStamp,
  readMachine,
  stampOf,
} from "./machine_file.ts";
import { ensureScratchTemplate } from "./scratch_template.ts";

/** Size of the writable layer that a run has if nothing else is asked for, in MiB. It is sparse. */
export const DEFAULT_SCRATCH_MIB = DEFAULT_ROOTFS_SIZE_MB;

/** What silo itself brings. */
export interface Programs {
  /** Absolute path of silo-helper. */
  readonly helper: string;
  /** Absolute path of silo-guest, linked statically. */
  readonly guest: string;
}

/**
 * The programs: `SILO_HELPER` and `SILO_GUEST`, else what `scripts/build` made.
 *
 * @param root The directory that silo's own `build/` lies in.
 */
export function programsOf(host: Host, root: string): Programs {
  return {
    helper: host.env.SILO_HELPER || `${root}/build/silo-helper`,
    guest: host.env.SILO_GUEST || `${root}/build/silo-guest`,
  };
}

/**
 * Makes sure that a machine can be started, and remembers how in `machine.json`. Quick if everything is there.
 *
 * @param sources Where a Mac's machine comes from, if not from its makers.
 * @throws {SiloError} if the programs are not built, or something cannot be fetched.
 */
export async function ensureMachine(
  host: Host,
  programs: Programs,
  progress: Progress = silent,
  sources?: AppleSources,
): Promise<Machine> {
  const known = readMachine(host);
  if (known?.helper === programs.helper && known.guest.path === programs.guest) return known;
  const guest = stampOf(programs.guest);
  const helper = stampOf(programs.helper);
  if (guest === undefined || helper === undefined) {
    throw new SiloError(`could not prepare the VM: ${guest ? programs.helper : programs.guest} is not built`, {
      hint: host.platform === "macos"
        ? "Run scripts/build; silo-guest is a program of Linux and built there (scripts/release --target macos-arm64)."
        : "Run scripts/build.",
    });
  }
  const directory = `${host.siloHome}/machine`;
  return await withLock(`${directory}/machine.lock`, async () => {
    if (host.platform === "macos") {
      const { appleParts } = await import("./apple/apple_parts.ts");
      const parts = await appleParts(host, programs.helper, progress, sources);
      await removeOld(directory, parts.initrd);
      return await remember(host, { ...parts, helper: programs.helper, apple: { helper }, guest });
    }
    const ownQemu = ownQemuStamp(host);
    const qemu = await ensureQemu(host, progress);
    const mke2fs = await ensureMke2fs(host, progress);
    const kernel = await ensureKernel(host, { progress });
    progress({ task: "prepare the VM", phase: "initial file system" });
    const initrd = await ensureInitramfs(directory, programs.guest, kernel);
    const template = await ensureScratchTemplate(directory, DEFAULT_SCRATCH_MIB, mke2fs);
    const machine = await remember(host, {
      kernel: { path: kernel.image, release: kernel.release },
      initrd,
      linux: { scratch: { template, sizeMiB: DEFAULT_SCRATCH_MIB }, qemu, mke2fs, ownQemu },
      helper: programs.helper,
      guest,
    });
    await removeOld(directory, initrd);
    return machine;
  });
}

async function remember(host: Host, parts: Omit<Machine, "version" | "overrides">): Promise<Machine> {
  const machine = { version: MACHINE_FILE_VERSION, ...parts, overrides: overridesOf(host) };
  await sweepLeftovers(machineFilePath(host));
  await writeFileAtomic(machineFilePath(host), JSON.stringify(machine, null, 2) + "\n");
  return machine;
}

/**
 * Removes what earlier machines started from. A machine that is just starting from one has it open or fails once; a day is
 * longer than any start.
 */
async function removeOld(directory: string, current: string): Promise<void> {
  for await (const { name } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (!/^(?:initrd-[0-9a-f]+|init-[0-9a-f]+\.ext4)$/.test(name) || path === current) continue;
    const { mtime } = await Deno.stat(path);
    if (mtime !== null && Date.now() - mtime.getTime() > 24 * 3600 * 1000) await removeIfThere(path);
  }
}
