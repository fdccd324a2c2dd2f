/**
 * Files that programs of the host run on their own: a sandbox that may write the project may write them, and what they
 * say happens outside later. Which they are stands here alone.
 *
 * @module
 */

import type { RunPlan } from "./run_plan.ts";

/** Files, relative to a project; a directory stands for what is right in it. */
export const RUN_BY_THE_HOST: readonly string[] = [
  // silo itself, and what is asked by a shell that enters the directory
  "silo.toml",
  ".siloconf",
  "silo.jsonc",
  ".envrc",
  "mise.toml",
  ".mise.toml",
  ".tool-versions",
  // git: hooks, and settings that name programs (core.fsmonitor, core.sshCommand, filters, aliases)
  ".git",
  ".git/config",
  ".git/config.worktree",
  ".git/info/attributes",
  ".git/hooks",
  ".husky",
  ".pre-commit-config.yaml",
  "lefthook.yml",
  // editors: tasks, settings that name programs, commands of a project
  ".vscode",
  ".idea",
  ".idea/runConfigurations",
  ".zed",
  ".helix",
  ".nvim.lua",
  ".nvimrc",
  ".exrc",
  ".vimrc",
  ".dir-locals.el",
  ".devcontainer.json",
  ".devcontainer",
  // agents: hooks, servers that they start, commands
  ".mcp.json",
  ".claude",
  ".claude/hooks",
  ".claude/commands",
  ".cursor",
  ".codex",
  ".gemini",
  ".opencode",
  // package managers that run what a file of the project names
  ".npmrc",
  ".yarnrc.yml",
  ".pnpmfile.cjs",
];

/** What of a repository's own directory is run by the host, where it lies outside of the project. */
export const RUN_BY_GIT: readonly string[] = ["config", "hooks", "info/attributes"];

/** More names in one directory are not looked at. */
const MAX_NAMES = 1_000;

/** What a file was like; equal only if nobody wrote it. By absolute path. */
export type Prints = ReadonlyMap<string, string>;

/** A place to look at, and what to look for there. */
export interface Watched {
  readonly root: string;
  readonly paths: readonly string[];
}

/** Everything that a run may write and the host may run. */
export function watchedPlaces({ mounts }: Pick<RunPlan, "mounts">): Watched[] {
  return mounts.filter((mount) => !mount.readOnly).map(({ tag, hostPath }) => ({
    root: hostPath,
    paths: tag === "git" ? RUN_BY_GIT : RUN_BY_THE_HOST,
  }));
}

/** Looks at all of it. Follows no link: the sandbox may have made it. */
export function takePrints(places: readonly Watched[]): Prints {
  const prints = new Map<string, string>();
  for (const { root, paths } of places) {
    const names = lowerCaseNames(root);
    for (const path of paths) {
      // A look at what is not there costs a tenth of a millisecond, and hardly any of it is.
      if (names !== undefined && !names.has(path.split("/", 1)[0]!.toLowerCase())) continue;
      const at = `${root}/${path}`;
      const info = lookAt(at);
      if (info === undefined) continue;
      // A directory changes with what is in it; the one of git with every command.
      if (!info.isDirectory) prints.set(at, printOf(info));
      else if (path !== ".git") { for (const name of namesIn(at)) note(prints, `${at}/${name}`); }
    }
  }
  return prints;
}

export interface PlantedFile {
  readonly path: string;
  readonly how: "created" | "changed" | "deleted";
}

/** What differs, in order of the paths. */
export function comparePrints(before: Prints, after: Prints): PlantedFile[] {
  const found: PlantedFile[] = [];
  for (const [path, print] of after) {
    const was = before.get(path);
    if (was !== print) found.push({ path, how: was === undefined ? "created" : "changed" });
  }
  for (const path of before.keys()) if (!after.has(path)) found.push({ path, how: "deleted" });
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** At most this many are named. */
const MAX_NAMED = 12;

/** The warning, one line each; empty if there is nothing to say. `root` is taken off the paths. */
export function plantedWarning(files: readonly PlantedFile[], root: string): string[] {
  if (files.length === 0) return [];
  const short = (path: string) => path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  const lines = files.slice(0, MAX_NAMED).map(({ path, how }) => `  ${how} ${short(path)}`);
  if (files.length > MAX_NAMED) lines.push(`  … and ${files.length - MAX_NAMED} more`);
  return ["this run changed files that programs outside the sandbox may run; look at them first:", ...lines];
}

function note(prints: Map<string, string>, path: string): void {
  const info = lookAt(path);
  if (info !== undefined && !info.isDirectory) prints.set(path, printOf(info));
}

function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}

/**
 * The names right in a directory, without their case, which a file system may not tell apart. Undefined if they say too
 * little: they cannot be read, are too many, or have letters that a file system may take for others.
 */
function lowerCaseNames(path: string): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  try {
    for (const { name } of Deno.readDirSync(path)) {
      // deno-lint-ignore no-control-regex
      if (names.size === MAX_NAMES || !/^[\x00-\x7f]*$/.test(name)) return undefined;
      names.add(name.toLowerCase());
    }
  } catch {
    return undefined;
  }
  return names;
}

function namesIn(path: string): string[] {
  const names: string[] = [];
  try {
    for (const { name } of Deno.readDirSync(path)) {
      if (names.push(name) >= MAX_NAMES) break;
    }
  } catch { /* it is not ours to read, or gone */ }
  return names;
}

/** The change time cannot be set by whoever writes the file. */
function printOf({ ino, size, mode, mtime, ctime }: Deno.FileInfo): string {
  return `${ino} ${size} ${mode} ${mtime?.getTime()} ${ctime?.getTime()}`;
}
