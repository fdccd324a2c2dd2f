/**
 * What the silo home keeps for single projects.
 *
 * @module
 */
import { forgetProject, isOrphaned, projectKey, type ProjectRecord, readProjects } from "../bakes/projects.ts";
import { measure, NO_USAGE, sum, type Usage } from "../cache/disk_usage.ts";
import { ownerDirectory, removeCaches } from "../cache/tool_caches.ts";
import type { Host } from "../host.ts";
import { diskEntries, type DiskEntry } from "./entries.ts";
import { evict } from "./evict.ts";

export interface ProjectState extends ProjectRecord {
  readonly isOrphaned: boolean;
  readonly caches: Usage;
  /** What was built for it; shared with other projects, maybe. */
  readonly builds: readonly DiskEntry[];
}

/** The projects of a silo home, with their room. */
export async function projectStates(host: Host): Promise<ProjectState[]> {
  const entries = (await diskEntries(host)).filter(({ kind }) => kind === "build");
  const projects = readProjects(host).filter(({ path }) => path !== host.siloHome);
  return await Promise.all(projects.map(async (project) => {
    const key = await projectKey(project.path);
    const caches = await Promise.all(project.tools.map((tool) => measure(ownerDirectory(host, tool, key).path)));
    const keys = Object.values(project.bakes).flat();
    const builds = entries.filter((entry) => keys.includes(entry.key));
    return {
      ...project,
      isOrphaned: isOrphaned(project),
      caches: caches.length === 0 ? NO_USAGE : sum(caches),
      builds,
    };
  }));
}

export interface CleanRequest {
  readonly caches: boolean;
  readonly builds: boolean;
  /** Also builds that others need. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

export interface Cleaned {
  readonly what: string;
  readonly bytes: number;
  /** `used`: a run has it. `shared`: others need it. Both stayed. */
  readonly result: "removed" | "used" | "shared";
}

/** Removes what is kept for a project. */
export async function cleanProject(host: Host, project: ProjectState, request: CleanRequest): Promise<Cleaned[]> {
  const cleaned: Cleaned[] = [];
  const key = await projectKey(project.path);
  for (const tool of request.caches ? project.tools : []) {
    const bytes = (await measure(ownerDirectory(host, tool, key).path)).disk;
    if (bytes === 0) continue;
    const isGone = request.dryRun || await removeCaches(host, tool, key);
    cleaned.push({ what: `caches of ${tool}`, bytes, result: isGone ? "removed" : "used" });
  }
  for (const build of request.builds ? project.builds : []) {
    const others = build.users.filter((user) => user !== project.path);
    const isShared = others.length > 0 && (!request.force || build.isPinned);
    const isGone = !isShared && (request.dryRun || await evict(build));
    const tool = Object.entries(project.bakes).find(([, keys]) => keys.includes(build.key))?.[0] ?? "a tool";
    cleaned.push({
      what: `the build of ${tool}`,
      bytes: build.usage.disk,
      result: isShared ? "shared" : isGone ? "removed" : "used",
    });
  }
  const isWhole = request.caches && request.builds && cleaned.every(({ result }) => result !== "used");
  if (isWhole && !request.dryRun) await forgetProject(host, project.path);
  return cleaned;
}
