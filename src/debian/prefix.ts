/**
 * Prefixes: a few Debian packages with all they need, unpacked into a directory of the toolchain cache. Nothing is
 * installed; the programs in it are run from there.
 *
 * @module
 */
import { ensureDirectory, removeIfThere } from "../cache/atomic.ts";
import type { Architecture, Host } from "../host.ts";
import { DebianPackages } from "./packages.ts";
import { type Progress, silent } from "./progress.ts";
import { runCommand } from "./run_command.ts";
import { toolchainDirectory } from "./toolchain_directory.ts";
import { unpackDebs } from "./unpack.ts";

export interface PrefixRecipe {
  /** Directory name in the toolchain cache and name in messages: "e2fsprogs". */
  readonly name: string;
  readonly suite: string;
  readonly packages: readonly string[];
  /** Goes up when {@link finish} changes; with it and the packages a finished prefix is recognised. */
  readonly revision: number;
  /** Only these packages, without what they depend on. */
  readonly alone?: boolean;
  /** Mends what packages get wrong outside their place. */
  readonly finish?: (prefix: string) => Promise<void>;
}

const MANIFEST = "silo-prefix.json";

/** Where the prefix of a recipe is or will be. */
export function prefixPath(host: Host, recipe: Pick<PrefixRecipe, "name" | "suite">): string {
  return `${toolchainDirectory(host)}/${recipe.name}-${recipe.suite}-${host.architecture}`;
}

/** The prefix, if it is there and made by this very recipe. */
export async function findPrefix(host: Host, recipe: PrefixRecipe): Promise<string | undefined> {
  const path = prefixPath(host, recipe);
  return await isMadeBy(recipe, path) ? path : undefined;
}

/**
 * Makes the prefix if it is not there and returns its path. Killed at any moment, it is there whole or not at all, and
 * what was downloaded is used by the next try. The manifest in it names every package with version and SHA-256.
 *
 * @throws {SiloError} if packages cannot be had or unpacked.
 */
export async function ensurePrefix(host: Host, recipe: PrefixRecipe, progress: Progress = silent): Promise<string> {
  const path = prefixPath(host, recipe);
  const task = `unpack ${recipe.name}`;
  await ensureDirectory(path, (existing) => isMadeBy(recipe, existing), async (prefix) => {
    const directory = `${path}.apt`;
    const apt = await DebianPackages.open(host, { suite: recipe.suite, directory, task, progress });
    const debs = await apt.download(recipe.packages, { alone: recipe.alone ?? false });
    await unpackDebs(debs, prefix, (done) => progress({ task, phase: `unpack ${done} of ${debs.length}` }));
    await recipe.finish?.(prefix);
    const packages = debs.map(({ name, version, sha256 }) => ({ name, version, sha256 }));
    const manifest = { recipe: identity(recipe), suite: recipe.suite, packages };
    await Deno.writeTextFile(`${prefix}/${MANIFEST}`, JSON.stringify(manifest, null, 1));
    await runCommand(["sync", "-f", prefix], { doing: "write the unpacked files to the disk" });
    await removeIfThere(directory);
  });
  return path;
}

async function isMadeBy(recipe: PrefixRecipe, path: string): Promise<boolean> {
  try {
    return JSON.parse(await Deno.readTextFile(`${path}/${MANIFEST}`)).recipe === identity(recipe);
  } catch {
    return false;
  }
}

function identity(recipe: PrefixRecipe): string {
  return `${recipe.revision} ${recipe.suite} ${recipe.packages.join(" ")}`;
}

/**
 * The command that runs a program of a prefix by the prefix's own dynamic linker and libraries, whatever the host has.
 *
 * @param program Path inside the prefix, for example `usr/sbin/mke2fs`.
 */
export function prefixCommand(prefix: string, program: string, architecture: Architecture): string[] {
  const triplet = architecture === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  const linker = architecture === "arm64" ? "ld-linux-aarch64.so.1" : "ld-linux-x86-64.so.2";
  const libraries = `${prefix}/usr/lib/${triplet}`;
  return [`${libraries}/${linker}`, "--library-path", libraries, `${prefix}/${program}`];
}
