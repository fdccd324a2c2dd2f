/**
 * The empty file system that every run's writable layer starts from.
 *
 * @module
 */
import {
  fileSize,
  publish,
  removeIfThere,
  sweepLeftovers,
  syncPath,
  temporaryBeside,
  withLock,
} from "../cache/atomic.ts";
import { runCommand } from "../debian/run_command.ts";

/**
 * Features off that cost a run something and give a disk that dies with it nothing: the journal, and checksums. The
 * inode tables count as zeroed, as a new sparse file is, so that neither mke2fs nor the guest writes them.
 */
const OPTIONS = ["-t", "ext4", "-O", "^has_journal,^metadata_csum,^resize_inode", "-m", "0"];
const EXTENDED = "lazy_itable_init=1,assume_storage_prezeroed=1,nodiscard";

/**
 * Makes the template of a size unless it is there. It is sparse: 8 GiB take a few hundred KiB on the disk.
 *
 * @param sizeMiB Size of the file system that the guest sees.
 * @returns The template's path.
 * @throws {SiloError} if mke2fs fails.
 */
export async function ensureScratchTemplate(
  directory: string,
  sizeMiB: number,
  mke2fs: readonly string[],
): Promise<string> {
  const path = `${directory}/scratch-${sizeMiB}.ext4`;
  const bytes = sizeMiB * 1024 * 1024;
  if (await fileSize(path) === bytes) return path;
  await withLock(`${path}.lock`, async () => {
    if (await fileSize(path) === bytes) return;
    await sweepLeftovers(path);
    const temporary = temporaryBeside(path);
    try {
      const argv = [...mke2fs, "-q", "-F", ...OPTIONS, "-E", EXTENDED, "-L", "scratch", temporary, `${sizeMiB}M`];
      await runCommand(argv, { doing: "make the template of the writable layer" });
      await syncPath(temporary);
      await publish(temporary, path);
    } catch (error) {
      await removeIfThere(temporary);
      throw error;
    }
  });
  return path;
}
