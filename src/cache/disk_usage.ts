/**
 * How much room things take: on the disk, and as their sizes claim. Links are never followed.
 *
 * @module
 */

export interface Usage {
  /** Blocks on the disk, bytes. */
  readonly disk: number;
  /** Sizes of the files, bytes: more for sparse files, less for many small ones. */
  readonly apparent: number;
}

export const NO_USAGE: Usage = { disk: 0, apparent: 0 };

/** The unit of `blocks`, whatever the file system's own is. */
const BLOCK_BYTES = 512;

export function sum(usages: Iterable<Usage>): Usage {
  let [disk, apparent] = [0, 0];
  for (const usage of usages) [disk, apparent] = [disk + usage.disk, apparent + usage.apparent];
  return { disk, apparent };
}

/** The room of one file, link or directory without what is in it. */
export function usageOf({ blocks, size }: Pick<Deno.FileInfo, "blocks" | "size">): Usage {
  return { disk: blocks === null ? size : blocks * BLOCK_BYTES, apparent: size };
}

/** The room of a file or a tree; none if it is not there. What vanishes while it is looked at counts nothing. */
export async function measure(path: string): Promise<Usage> {
  const usages: Usage[] = [];
  for await (const { info } of walk(path)) usages.push(usageOf(info));
  return sum(usages);
}

export interface Found {
  readonly path: string;
  readonly info: Deno.FileInfo;
}

/** Everything at and below a path, what is in a directory before the directory itself. */
export async function* walk(path: string): AsyncGenerator<Found> {
  const info = await quietly(() => Deno.lstat(path));
  if (info === undefined) return;
  if (info.isDirectory) {
    const names = await quietly(async () => {
      const names: string[] = [];
      for await (const { name } of Deno.readDir(path)) names.push(name);
      return names;
    });
    for (const name of names ?? []) yield* walk(`${path}/${name}`);
  }
  yield { path, info };
}

/** What a sandbox left may be unreadable, and what another process removes is gone. */
async function quietly<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return undefined;
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
