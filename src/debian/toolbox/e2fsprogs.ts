/**
 * mke2fs that reads tar archives, so that ownership, modes and extended attributes get into an ext4 without root.
 *
 * @module
 */
import type { Host } from "../../host.ts";
import { ensurePrefix, findPrefix, prefixCommand, type PrefixRecipe } from "../prefix.ts";
import { type Progress, silent } from "../progress.ts";
import { findProgram } from "../run_command.ts";
import { commandFromEnvironment } from "./override.ts";

/** From e2fsprogs 1.47.1, mke2fs reads tar archives, with libarchive, which it loads at run time. */
const RECIPE: PrefixRecipe = {
  name: "e2fsprogs",
  suite: "trixie",
  packages: ["e2fsprogs", "libarchive13t64"],
  revision: 1,
};

/**
 * The command prefix of an mke2fs that reads tar archives: `SILO_MKE2FS`, the host's own if it can, else the one of
 * the toolchain cache. Undefined if there is none yet.
 */
export async function locateMke2fs(host: Host): Promise<string[] | undefined> {
  const override = commandFromEnvironment(host, "SILO_MKE2FS");
  if (override !== undefined) return override;
  const prefix = await findPrefix(host, RECIPE);
  if (prefix !== undefined) return prefixCommand(prefix, "usr/sbin/mke2fs", host.architecture);
  const own = await findProgram(host, "mke2fs");
  return own !== undefined && await readsTar([own]) ? [own] : undefined;
}

/** Like {@link locateMke2fs}, and unpacks one if there is none. */
export async function ensureMke2fs(host: Host, progress: Progress = silent): Promise<string[]> {
  const found = await locateMke2fs(host);
  if (found !== undefined) return found;
  return prefixCommand(await ensurePrefix(host, RECIPE, progress), "usr/sbin/mke2fs", host.architecture);
}

/** Versions do not tell whether libarchive is there: only trying does. */
async function readsTar(command: readonly string[]): Promise<boolean> {
  const directory = await Deno.makeTempDir({ prefix: "silo-mke2fs-" });
  try {
    await Deno.writeFile(`${directory}/empty.tar`, new Uint8Array(10240));
    const [program, ...args] = command as [string, ...string[]];
    const { success } = await new Deno.Command(program, {
      args: [...args, "-q", "-F", "-t", "ext4", "-d", `${directory}/empty.tar`, `${directory}/image`, "4M"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
