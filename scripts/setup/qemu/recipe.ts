/**
 * What silo's QEMU is made by: the files of `scripts/qemu/`, and nothing else.
 *
 * | file           | what it is                                                                   |
 * | -------------- | ---------------------------------------------------------------------------- |
 * | `build.sh`     | every step from the source package to the result, with configure's options   |
 * | `packages.txt` | what the build's Debian has                                                  |
 * | `silo.mak`     | boards and devices                                                           |
 * | `*.patch`      | ours, applied by `patch -p1` in the order of their names                     |
 * | `*.c`, `*.h`   | ours, copied to `accel/tcg/`                                                 |
 *
 * @module
 */
import { createHash } from "node:crypto";
import { ROOT } from "../checkout.ts";

export const RECIPE = `${ROOT}/scripts/qemu`;

/** The files' names, sorted. */
async function filesOf(directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(directory)) if (isFile) names.push(name);
  return names.sort();
}

/** Twelve hexadecimal digits that are others as soon as anything in the recipe is. Debian's version is not in them. */
export async function recipeKey(directory: string = RECIPE): Promise<string> {
  const hash = createHash("sha256");
  for (const name of await filesOf(directory)) {
    const content = await Deno.readFile(`${directory}/${name}`);
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 12);
}

/** The packages that the build's Debian has beside its essential ones. */
export async function recipePackages(directory: string = RECIPE): Promise<string[]> {
  const lines = (await Deno.readTextFile(`${directory}/packages.txt`)).split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}
