/**
 * Which projects have something in the silo home: one small file each under `state/projects/`, named by the digest of
 * the project's path. What is shared is kept as long as one project that is still there needs it.
 *
 * @module
 */
import { removeIfThere, writeFileAtomic } from "../cache/atomic.ts";
import { sha256 } from "../config/remembered.ts";
import type { Host } from "../host.ts";

export interface ProjectRecord {
  /** Absolute. */
  readonly path: string;
  /** Keys of what was built for it and of what its runs had, by tool; the last first. */
  readonly bakes: Readonly<Record<string, readonly string[]>>;
  /** Tools that have caches of this project. */
  readonly tools: readonly string[];
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** What names a project's own directories: of its path, and nothing a sandbox could choose. */
export async function projectKey(path: string): Promise<string> {
  return (await sha256(new TextEncoder().encode(path))).slice(0, 32);
}

/** So many builds of a tool may be in use in a project at once: its own, a language server's. */
const MAX_BAKES = 4;

/** Notes that a project uses a tool, and what was built for it, in place of what was noted before. */
export async function noteProject(
  host: Host,
  path: string,
  { tool, bake }: { tool: string; bake: string | undefined },
  besides: readonly string[] = [],
): Promise<void> {
  const file = `${directory(host)}/${await projectKey(path)}.json`;
  const before = read(file);
  const { [tool]: _, ...others } = before?.bakes ?? {};
  const record: ProjectRecord = {
    path,
    bakes: bake === undefined ? others : { ...others, [tool]: [bake, ...besides] },
    tools: [...new Set([...before?.tools ?? [], tool])].sort(),
    usedAt: host.now(),
  };
  await writeFileAtomic(file, JSON.stringify(record), { mode: 0o600 });
}

/** How fresh a note has to be for another one to be no news, milliseconds. */
const GRAIN_MS = 60 * 60_000;

/** The same for every run: one small read, unless there is something new. Never throws. */
export async function noteRun(
  host: Host,
  path: string,
  { name, rootfs }: { readonly name: string; readonly rootfs: string },
  isBuilt: boolean,
): Promise<void> {
  try {
    const before = read(`${directory(host)}/${await projectKey(path)}.json`);
    const bake = isBuilt ? /([0-9a-f]{64})\.ext4$/.exec(rootfs)?.[1] : undefined;
    const noted = before?.bakes[name] ?? [];
    const isKnown = before !== undefined && (bake === undefined || noted.includes(bake)) &&
      before.tools.includes(name) && Math.abs(host.now() - before.usedAt) < GRAIN_MS;
    if (isKnown) return;
    const [latest = bake, ...others] = bake === undefined ? noted : [bake, ...noted.filter((key) => key !== bake)];
    await noteProject(host, path, { tool: name, bake: latest }, others.slice(0, MAX_BAKES - 1));
  } catch { /* the silo home cannot be written: told elsewhere */ }
}

/** All projects that were noted, by path. */
export function readProjects(host: Host): ProjectRecord[] {
  const records: ProjectRecord[] = [];
  try {
    for (const { name } of Deno.readDirSync(directory(host))) {
      const record = name.endsWith(".json") ? read(`${directory(host)}/${name}`) : undefined;
      if (record !== undefined) records.push(record);
    }
  } catch { /* none yet */ }
  return records.sort((a, b) => a.path < b.path ? -1 : 1);
}

export async function forgetProject(host: Host, path: string): Promise<void> {
  await removeIfThere(`${directory(host)}/${await projectKey(path)}.json`);
}

/** Whether the project's directory is gone. */
export function isOrphaned({ path }: Pick<ProjectRecord, "path">): boolean {
  try {
    return !Deno.statSync(path).isDirectory;
  } catch (error) {
    return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
  }
}

function directory(host: Host): string {
  return `${host.siloHome}/state/projects`;
}

function read(file: string): ProjectRecord | undefined {
  try {
    const { path, bakes, tools, usedAt } = JSON.parse(Deno.readTextFileSync(file));
    const isRecord = typeof path === "string" && typeof usedAt === "number" &&
      Object.values(bakes).every(Array.isArray);
    return isRecord ? { path, bakes, tools, usedAt } : undefined;
  } catch {
    return undefined;
  }
}
