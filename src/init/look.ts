/**
 * The files of a project that tell of its tools: at its root, and a little further down for repositories of several
 * parts.
 *
 * @module
 */
import { isMarker, type ProjectFile } from "./detect.ts";

/** `packages/app/package.json` is found. */
const MAX_DEPTH = 3;
const MAX_DIRECTORIES = 2_000;
const MAX_BYTES = 256 * 1024;

/** Directories that hold other people's projects, or none. */
const SKIPPED = new Set(
  "node_modules target vendor venv dist build out coverage __pycache__ site-packages testdata fixtures".split(" "),
);

/** Looks for markers; follows no link. */
export function findMarkers(root: string): ProjectFile[] {
  const found: ProjectFile[] = [];
  const waiting: { path: string; depth: number }[] = [{ path: "", depth: 1 }];
  for (let seen = 0; waiting.length > 0 && seen < MAX_DIRECTORIES; seen++) {
    const { path, depth } = waiting.shift()!;
    let entries: Deno.DirEntry[];
    try {
      entries = [...Deno.readDirSync(`${root}/${path}`)].sort((a, b) => a.name < b.name ? -1 : 1);
    } catch {
      continue;
    }
    for (const { name, isFile, isDirectory } of entries) {
      const inner = path === "" ? name : `${path}/${name}`;
      if (isDirectory && depth < MAX_DEPTH && !name.startsWith(".") && !SKIPPED.has(name)) {
        waiting.push({ path: inner, depth: depth + 1 });
      }
      if (isFile && isMarker(name)) found.push({ path: inner, text: readSmall(`${root}/${inner}`) });
    }
  }
  return found;
}

function readSmall(path: string): string | undefined {
  try {
    return Deno.statSync(path).size <= MAX_BYTES ? Deno.readTextFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}
