/**
 * The root file systems of images, one ext4 each, named by the image's digest.
 *
 * An entry's name appears only after its data is on the disk, and a sidecar beside it, written before, holds its size:
 * an entry that was truncated or grew later is recognised and made anew.
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
  writeFileAtomic,
} from "./atomic.ts";

/** A root file system that is there. */
export interface RootfsEntry {
  readonly path: string;
  /** Size of the file system, bytes; the file is sparse. */
  readonly size: number;
}

/** The unit of `blocks`, whatever the file system's own is. */
const BLOCK_BYTES = 512;

const DIGEST = /^sha256:([0-9a-f]{64})$/;

/** Root file systems in one directory. */
export class RootfsCache {
  /** Where the entries are. */
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Where the entry of a digest is or will be. */
  path(digest: string): string {
    const name = DIGEST.exec(digest)?.[1];
    if (name === undefined) throw new RangeError(`not a sha256 digest: ${digest}`);
    return `${this.directory}/${name}.ext4`;
  }

  /** The entry, if it is there and as it was made. Two small reads, for the hot path. */
  async find(digest: string): Promise<RootfsEntry | undefined> {
    const path = this.path(digest);
    const size = await fileSize(path);
    if (size === undefined) return undefined;
    const recorded = await Deno.readTextFile(`${path}.json`).then(JSON.parse).catch(() => undefined);
    return recorded?.size === size ? { path, size } : undefined;
  }

  /**
   * The entry; made by `build` if it is not there. Two processes that ask at once share one build.
   *
   * @param build Makes the file system as the file it is given, which does not exist yet.
   * @param force Make it anew though it is there; the old one stays until the new one is whole.
   * @param facts What else its sidecar is to hold.
   */
  async ensure(
    digest: string,
    build: (output: string) => Promise<void>,
    force = false,
    facts: object = {},
  ): Promise<RootfsEntry> {
    const found = force ? undefined : await this.find(digest);
    if (found !== undefined) return found;
    const path = this.path(digest);
    return await withLock(`${path}.lock`, async () => {
      const made = force ? undefined : await this.find(digest);
      if (made !== undefined) return made;
      await sweepLeftovers(path);
      await sweepLeftovers(`${path}.json`);
      if (!force) await removeIfThere(path);
      const temporary = temporaryBeside(path);
      try {
        await build(temporary);
        await Deno.chmod(temporary, 0o444); // nothing may ever write to it: machines share it
        await syncPath(temporary);
        const { size } = await Deno.stat(temporary);
        await writeFileAtomic(`${path}.json`, JSON.stringify({ ...facts, size }));
        await publish(temporary, path);
        return { path, size };
      } catch (error) {
        await removeIfThere(temporary);
        throw error;
      }
    });
  }

  /** Removes an entry. Machines that run from it keep it until they end. */
  async remove(digest: string): Promise<void> {
    const path = this.path(digest);
    await withLock(`${path}.lock`, async () => {
      await removeIfThere(path);
      await removeIfThere(`${path}.json`);
    });
  }

  /** Files of builders that were killed. Call it only while nobody builds. */
  async leftovers(): Promise<{ path: string; size: number }[]> {
    const found: { path: string; size: number }[] = [];
    for (const name of await this.#names()) {
      const path = `${this.directory}/${name}`;
      if (/^\.[0-9a-f]{64}\.ext4.*\.tmp-/.test(name)) found.push({ path, size: await roomOf(path) });
    }
    return found;
  }

  /** What is there, and the room it takes on the disk, bytes. */
  async disks(): Promise<{ digest: string; size: number }[]> {
    const disks: { digest: string; size: number }[] = [];
    for (const name of await this.#names()) {
      const match = /^([0-9a-f]{64})\.ext4$/.exec(name);
      if (match) disks.push({ digest: `sha256:${match[1]}`, size: await roomOf(`${this.directory}/${name}`) });
    }
    return disks;
  }

  async #names(): Promise<string[]> {
    const names: string[] = [];
    try {
      for await (const { name } of Deno.readDir(this.directory)) names.push(name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return names.sort();
  }
}

/** The room that a sparse file takes on the disk, bytes. */
async function roomOf(path: string): Promise<number> {
  const { blocks, size } = await Deno.stat(path);
  return blocks === null ? size : blocks * BLOCK_BYTES;
}
