/**
 * Finding or getting QEMU.
 *
 * @module
 */
import type { Architecture, Host } from "../../host.ts";
import { ensurePrefix, findPrefix, prefixCommand, type PrefixRecipe } from "../prefix.ts";
import { type Progress, silent } from "../progress.ts";
import { atLeast, findProgram } from "../run_command.ts";
import { canInstall, installPackages } from "./install.ts";
import { commandFromEnvironment } from "./override.ts";
import { findOwnQemu } from "./own_qemu.ts";

/** The oldest QEMU that silo is tested with. */
export const OLDEST_QEMU = "7.2";
/** The dynamic linker that an unpacked QEMU is run by. */
const LINKER = "usr/bin/ld.so";

/**
 * The command prefix of the QEMU for this host's architecture: `SILO_QEMU`, silo's own, the host's if it is new enough,
 * else Debian's in the toolchain cache. Undefined if there is none.
 */
export async function locateQemu(host: Host): Promise<string[] | undefined> {
  const override = commandFromEnvironment(host, "SILO_QEMU");
  if (override !== undefined) return override;
  const own = findOwnQemu(host);
  if (own !== undefined && await qemuVersion([own.program]) !== undefined) return [own.program];
  const installed = await findProgram(host, binary(host.architecture));
  if (installed !== undefined && atLeast(await qemuVersion([installed]) ?? "0", OLDEST_QEMU)) return [installed];
  const prefix = await findPrefix(host, recipe(host.architecture));
  return prefix === undefined ? undefined : fromPrefix(prefix, host.architecture);
}

/** Like {@link locateQemu}; without one, root installs the package and others unpack it into the toolchain cache. */
export async function ensureQemu(host: Host, progress: Progress = silent): Promise<string[]> {
  const found = await locateQemu(host);
  if (found !== undefined) return found;
  if (await canInstall(host)) {
    await installPackages(host, hostPackages(host.architecture), progress);
    const installed = await locateQemu(host);
    if (installed !== undefined) return installed;
  }
  const unpacked = await ensurePrefix(host, recipe(host.architecture), progress);
  return fromPrefix(unpacked, host.architecture);
}

/** What `--version` says, as in "7.2.22"; undefined if it does not start. */
export async function qemuVersion(command: readonly string[]): Promise<string | undefined> {
  const [program, ...args] = command as [string, ...string[]];
  try {
    const { success, stdout } = await new Deno.Command(program, { args: [...args, "--version"], stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout).match(/version (\d+(?:\.\d+)+)/)?.[1] : undefined;
  } catch {
    return undefined;
  }
}

function binary(architecture: Architecture): string {
  return architecture === "arm64" ? "qemu-system-aarch64" : "qemu-system-x86_64";
}

function hostPackages(architecture: Architecture): string[] {
  return architecture === "arm64" ? ["qemu-system-arm"] : ["qemu-system-x86"];
}

function recipe(architecture: Architecture): PrefixRecipe {
  const firmware = architecture === "arm64" ? [] : ["seabios"];
  return {
    name: "qemu",
    suite: "bookworm",
    packages: [...hostPackages(architecture), "qemu-system-data", ...firmware],
    revision: 2,
    finish: (prefix) => placeLinker(prefix, architecture),
  };
}

/**
 * QEMU finds its modules and firmware relative to the program that the kernel runs. Here that is the dynamic linker, so
 * one has to lie in QEMU's own directory; a symbolic link would be seen through.
 */
async function placeLinker(prefix: string, architecture: Architecture): Promise<void> {
  const [linker] = prefixCommand(prefix, "", architecture);
  await Deno.copyFile(linker!, `${prefix}/${LINKER}`);
}

function fromPrefix(prefix: string, architecture: Architecture): string[] {
  const [, ...rest] = prefixCommand(prefix, `usr/bin/${binary(architecture)}`, architecture);
  return [`${prefix}/${LINKER}`, ...rest];
}
