/**
 * What every run needs beside its image: found once, kept in one small file. A run reads that file and starts, so this
 * module imports next to nothing.
 *
 * @module
 */
import type { Host } from "../host.ts";

/** Goes up when the shape below changes; a file of another version counts as absent. */
export const MACHINE_FILE_VERSION = 2;

/** `machine.json` in the silo home's `machine/`. All paths are absolute. */
export interface Machine {
  readonly version: number;
  readonly kernel: { readonly path: string; readonly release: string };
  readonly initrd: string;
  /** The empty file system that writable layers are copies of. */
  readonly scratch: { readonly template: string; readonly sizeMiB: number };
  /** Command prefixes: a program and its first arguments. */
  readonly qemu: readonly string[];
  readonly mke2fs: readonly string[];
  readonly helper: string;
  /** The agent that the initrd was made of. */
  readonly guest: FileStamp;
  /** What {@link overridesOf} was when the commands were chosen. */
  readonly overrides: string;
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
 * Reads the file and looks whether everything it names is still there. Undefined if anything is missing or the agent
 * was built anew, or other commands are asked for: then `ensureMachine` has to be called.
 */
export function readMachine(host: Host): Machine | undefined {
  let machine: Machine;
  try {
    machine = JSON.parse(Deno.readTextFileSync(machineFilePath(host)));
    if (machine.version !== MACHINE_FILE_VERSION) return undefined;
    const files = [machine.kernel.path, machine.initrd, machine.scratch.template, machine.helper];
    // Commands that a person chose are theirs to check: what uses them tells what is wrong.
    const programs = machine.overrides === overridesOf({ env: {} }) ? [machine.qemu[0]!, machine.mke2fs[0]!] : [];
    if (![...files, ...programs].every(isFile)) return undefined;
    if (Deno.statSync(machine.scratch.template).size !== machine.scratch.sizeMiB * 1024 * 1024) return undefined;
  } catch {
    return undefined; // absent or damaged: it is made anew
  }
  if (machine.overrides !== overridesOf(host)) return undefined;
  const stamp = stampOf(machine.guest.path);
  const rebuilt = stamp !== undefined &&
    (stamp.size !== machine.guest.size || stamp.modified !== machine.guest.modified);
  return rebuilt ? undefined : machine;
}

/** The variables of the environment that choose commands, as one text. */
export function overridesOf(host: Pick<Host, "env">): string {
  return JSON.stringify([host.env.SILO_QEMU ?? "", host.env.SILO_MKE2FS ?? ""]);
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
