/**
 * What every run needs beside its image: found once, kept in one small file. A run reads that file and starts, so this
 * module imports next to nothing.
 *
 * @module
 */
import { ownQemuMarkers } from "../debian/toolbox/own_qemu.ts";
import type { Host } from "../host.ts";

/** Goes up when the shape below changes; a file of another version counts as absent. */
export const MACHINE_FILE_VERSION = 3;

/** `machine.json` in the silo home's `machine/`. All paths are absolute. */
export interface Machine {
  readonly version: number;
  readonly kernel: { readonly path: string; readonly release: string };
  /** What the kernel starts from: an archive with the agent in it; on macOS the ext4 of Apple's init. */
  readonly initrd: string;
  /** There on Linux. */
  readonly linux?: LinuxParts;
  readonly helper: string;
  /** There on macOS: the helper as it was, since Apple's init has to be of the release that it is linked with. */
  readonly apple?: { readonly helper: FileStamp };
  /** The agent; on Linux the one that the initrd was made of. */
  readonly guest: FileStamp;
  /** What {@link overridesOf} was when the parts were chosen. */
  readonly overrides: string;
}

/** What QEMU's machines need. */
export interface LinuxParts {
  /** The empty file system that writable layers are copies of. */
  readonly scratch: { readonly template: string; readonly sizeMiB: number };
  /** Command prefixes: a program and its first arguments. */
  readonly qemu: readonly string[];
  readonly mke2fs: readonly string[];
  /** What {@link ownQemuStamp} was when the command was chosen. */
  readonly ownQemu?: FileStamp | undefined;
}

/** Tells whether a file was replaced, without reading it. */
export interface FileStamp {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export function machineFilePath(host: Host): string {
  return `${host.siloHome}/machine/machine.json`;
}

/**
 * Reads the file and looks whether everything it names is still there. Undefined if anything is missing or the agent or
 * silo's QEMU was built anew, or other commands are asked for: then `ensureMachine` has to be called.
 */
export function readMachine(host: Host): Machine | undefined {
  let machine: Machine;
  try {
    machine = JSON.parse(Deno.readTextFileSync(machineFilePath(host)));
    const { linux } = machine;
    if (machine.version !== MACHINE_FILE_VERSION || (linux !== undefined) !== (host.platform === "linux")) {
      return undefined;
    }
    if (![machine.kernel.path, machine.initrd, machine.helper].every(isFile)) return undefined;
    if (linux !== undefined) {
      // Commands that a person chose are theirs to check: what uses them tells what is wrong.
      const programs = machine.overrides === overridesOf({ env: {} }) ? [linux.qemu[0]!, linux.mke2fs[0]!] : [];
      if (![linux.scratch.template, ...programs].every(isFile)) return undefined;
      if (Deno.statSync(linux.scratch.template).size !== linux.scratch.sizeMiB * 1024 * 1024) return undefined;
      // Where none is to be found now (the toolchain cache may be another), the one that was chosen stays.
      const ownQemu = ownQemuStamp(host);
      if (ownQemu !== undefined && !isSame(ownQemu, linux.ownQemu)) return undefined;
    }
  } catch {
    return undefined; // absent or damaged: it is made anew
  }
  if (machine.overrides !== overridesOf(host)) return undefined;
  return wasReplaced(machine.guest) || (machine.apple && wasReplaced(machine.apple.helper)) ? undefined : machine;
}

function wasReplaced(file: FileStamp): boolean {
  const now = stampOf(file.path);
  return now !== undefined && !isSame(now, file);
}

function isSame(now: FileStamp, then: FileStamp | undefined): boolean {
  return now.path === then?.path && now.size === then.size && now.modified === then.modified;
}

/** The stamp of what says which QEMU of silo's own there is, as far as there is one. */
export function ownQemuStamp(host: Host): FileStamp | undefined {
  for (const path of ownQemuMarkers(host)) {
    const stamp = stampOf(path);
    if (stamp !== undefined) return stamp;
  }
  return undefined;
}

/** The variables of the environment that choose parts of the machine, as one text. */
export function overridesOf(host: Pick<Host, "env">): string {
  return JSON.stringify([host.env.SILO_QEMU ?? "", host.env.SILO_MKE2FS ?? "", host.env.SILO_VMINIT ?? ""]);
}

/** The stamp of a file as it is now, or undefined if it is not there. */
export function stampOf(path: string): FileStamp | undefined {
  try {
    const { size, mtime } = Deno.statSync(path);
    return { path, size, modified: mtime?.getTime() ?? 0 };
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  return Deno.statSync(path).isFile;
}
