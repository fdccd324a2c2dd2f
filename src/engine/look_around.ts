/**
 * What has to be looked up on the host before a run can be planned: the project, mounts, files, git, the virtual
 * environment. Thin: each part decides for itself.
 *
 * @module
 */
import type { MergedSettings } from "../config/config.ts";
import { identityOf, type Repository, repositoryOf } from "../config/git.ts";
import { assertShareable, type Project } from "../config/project.ts";
import { contains } from "../paths.ts";
import type { Host } from "../host.ts";
import type { InstalledTool } from "../tools/installed.ts";
import { guestPath } from "./guest_path.ts";
import { keptDirectories } from "./kept_directories.ts";
import { ownerOf, type PlanInput } from "./plan_run.ts";
import { resolveFiles } from "./resolve_files.ts";
import { resolveMounts } from "./resolve_mounts.ts";
import type { MountPlan } from "./run_plan.ts";
import { findVenv } from "./venv.ts";
import { lookUpPath, planWorkspace, WORKSPACE } from "./workspace.ts";

type LookedUp = Pick<PlanInput, "workspace" | "mounts" | "files" | "venv" | "identity">;

/**
 * Looks everything up.
 *
 * @throws {import("../errors.ts").SiloError} that names what cannot be shared.
 */
export function lookAround(
  host: Host,
  project: Project | null,
  tool: InstalledTool,
  settings: MergedSettings,
  { user }: { readonly user: "host" | "root" },
): LookedUp {
  const kept = keptDirectories(host);
  const workspace = project === null ? null : planWorkspace(project, settings.mount, lookUpPath);
  const mounts = resolveMounts(settings.mounts, host, kept, project?.root ?? null);
  const repository = project === null ? undefined : repositoryOf(project.root);
  if (project !== null && repository !== undefined && (settings.gitWorktree ?? true)) {
    mounts.push(...commonDirectory(repository, project.root, host, kept, settings.mount.readonly ?? false));
  }
  const owner = user === "root" ? ownerOf(0, 0) : ownerOf(host.uid, host.gid);
  return {
    workspace,
    mounts,
    files: resolveFiles(settings.passFiles, {
      kept,
      writable: [...mounts.filter((it) => !it.readOnly).map((it) => it.hostPath), ...project ? [project.root] : []],
      workspace: workspace?.mount.guestPath ?? WORKSPACE,
      guestHome: owner.home,
    }),
    venv: project === null || settings.venv === false ? undefined : findVenv(project.root, tool.shims),
    identity: settings.gitIdentity === false ? {} : identityOf(host.home, host.env.XDG_CONFIG_HOME, repository),
  };
}

/** The repository of a linked worktree, where its `.git` file says that it is. */
function commonDirectory(
  { commonDirectory }: Repository,
  root: string,
  host: Host,
  kept: readonly string[],
  readOnly: boolean,
): MountPlan[] {
  if (contains(root, commonDirectory)) return [];
  assertShareable(commonDirectory, "as the repository of this worktree", host, kept);
  return [{ tag: "git", hostPath: commonDirectory, guestPath: guestPath(commonDirectory), readOnly }];
}
