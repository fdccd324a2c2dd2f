/** `silo clean` */
import { findProject } from "../../../config/project.ts";
import { type Cleaned, cleanProject, projectStates } from "../../../disk/project_state.ts";
import { printable, SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { printJson, size, told } from "../cache/shown.ts";

export interface CleanOptions {
  readonly orphaned?: boolean;
  readonly cachesOnly?: boolean;
  readonly buildsOnly?: boolean;
  /** The same, as it was called before. */
  readonly rootfsOnly?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function clean(host: Host, options: CleanOptions): Promise<void> {
  const buildsOnly = options.buildsOnly || options.rootfsOnly;
  if (options.cachesOnly && buildsOnly) {
    throw new SiloError("could not understand the command line: --caches-only and --builds-only do not go together");
  }
  const states = await projectStates(host);
  const { dryRun = false, force = false } = options;
  const root = options.orphaned ? undefined : findProject(host.cwd()).root;
  const chosen = states.filter((state) => root === undefined ? state.isOrphaned : state.path === root);
  const cleaned: (Cleaned & { project: string })[] = [];
  for (const project of chosen) {
    const request = { caches: !buildsOnly, builds: !options.cachesOnly, force, dryRun };
    for (const one of await cleanProject(host, project, request)) cleaned.push({ ...one, project: project.path });
  }
  const bytes = cleaned.reduce((sum, one) => sum + (one.result === "removed" ? one.bytes : 0), 0);
  if (options.json) return printJson({ dryRun, bytes, cleaned });
  const tell = told(host, dryRun);
  const verb = dryRun ? "Would remove" : "Removed";
  const words = { removed: verb, used: "In use, kept:", shared: "Needed elsewhere, kept:" };
  for (const { what, bytes, result, project } of cleaned) {
    const where = root === undefined ? ` for ${printable(project).replaceAll("\n", " ")}` : "";
    tell(`${words[result]} ${what}${where}, ${size(bytes)}`);
  }
  tell(bytes === 0 ? "There is nothing to free." : `${dryRun ? "Would free" : "Freed"} ${size(bytes)}`);
}
