/**
 * Unpacking .deb files into a directory, without root and without running their scripts.
 *
 * @module
 */
import type { DebFile } from "./packages.ts";
import { runCommand } from "./run_command.ts";

/** Merged-/usr: packages of all ages find the same four directories under usr/. */
const MERGED = ["bin", "sbin", "lib", "lib64"];

/**
 * Unpacks packages one after the other into `directory`, which is laid out with a merged /usr.
 *
 * @throws {SiloError} if one is damaged or the disk is full.
 */
export async function unpackDebs(
  debs: readonly DebFile[],
  directory: string,
  onEach: (done: number) => void = () => {},
): Promise<void> {
  for (const name of MERGED) {
    await Deno.mkdir(`${directory}/usr/${name}`, { recursive: true });
    await Deno.symlink(`usr/${name}`, `${directory}/${name}`);
  }
  // Without pipefail a damaged archive would go unnoticed.
  const script = 'set -o pipefail; dpkg-deb --fsys-tarfile "$1" | ' +
    'tar -x -C "$2" --keep-directory-symlink --no-same-owner --no-same-permissions';
  for (const [index, deb] of debs.entries()) {
    await runCommand(["bash", "-c", script, "unpack", deb.path, directory], { doing: `unpack ${deb.name}` });
    onEach(index + 1);
  }
}
