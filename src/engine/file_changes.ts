/**
 * What a run did to the files of a directory, for its report.
 *
 * @module
 */

/** More files are not looked at: the report says so. */
const MAX_FILES = 200_000;

/** Size, and what changes with every write; by path relative to the directory. */
export interface Tree {
  readonly files: ReadonlyMap<string, { readonly bytes: number; readonly print: string }>;
  readonly isWhole: boolean;
}

export interface FileChange {
  readonly path: string;
  readonly how: "created" | "changed" | "deleted";
  /** After the run; of what was deleted, before. */
  readonly bytes: number;
}

/** Looks at all files of a directory, following no link. */
export function readTree(root: string, maxFiles = MAX_FILES): Tree {
  const files = new Map<string, { bytes: number; print: string }>();
  const waiting = [""];
  for (let directory; (directory = waiting.pop()) !== undefined;) {
    let entries: Deno.DirEntry[];
    try {
      entries = [...Deno.readDirSync(`${root}/${directory}`)];
    } catch {
      continue; // not ours to read, or gone
    }
    for (const { name, isDirectory } of entries) {
      const path = directory === "" ? name : `${directory}/${name}`;
      if (isDirectory) {
        waiting.push(path);
        continue;
      }
      if (files.size >= maxFiles) return { files, isWhole: false };
      try {
        const { ino, size, mode, mtime, ctime } = Deno.lstatSync(`${root}/${path}`);
        files.set(path, { bytes: size, print: `${ino} ${size} ${mode} ${mtime?.getTime()} ${ctime?.getTime()}` });
      } catch { /* gone meanwhile */ }
    }
  }
  return { files, isWhole: true };
}

/** What differs, in order of the paths. */
export function compareTrees(before: Tree, after: Tree): FileChange[] {
  const changes: FileChange[] = [];
  for (const [path, { bytes, print }] of after.files) {
    const was = before.files.get(path);
    if (was === undefined) changes.push({ path, how: "created", bytes });
    else if (was.print !== print) changes.push({ path, how: "changed", bytes });
  }
  for (const [path, { bytes }] of before.files) {
    if (!after.files.has(path)) changes.push({ path, how: "deleted", bytes });
  }
  return changes.sort((a, b) => a.path < b.path ? -1 : 1);
}
