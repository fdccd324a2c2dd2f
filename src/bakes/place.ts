/**
 * Where a command about builds stands: the person's own `silo.toml`, and the project's with what is accepted of it.
 *
 * @module
 */
import type { ConfigFile, StepSetting } from "../config/config.ts";
import { readReach } from "../config/contents.ts";
import { loadConfig } from "../config/load.ts";
import { assertOwnProject, findProject, type Project } from "../config/project.ts";
import { type AskTrust, requireTrust } from "../config/trust.ts";
import type { Host } from "../host.ts";
import { type RecipeFile, stepSettings } from "./recipe.ts";
import type { StepPrograms } from "./step_programs.ts";

export interface Place {
  /** The person's own; empty if there is none. */
  readonly own: RecipeFile;
  readonly project: Project;
  /** The project's; empty if it has none. */
  readonly shared: RecipeFile;
}

/** Whose steps: the person's for every project, or the project's on top of them. */
export type Scope = "global" | "project";

/**
 * Reads both files.
 *
 * @throws {import("../errors.ts").SiloError} if one is wrong, or what the project's opens is not accepted.
 */
export async function readPlace(host: Host, ask: AskTrust | undefined): Promise<Place> {
  const project = findProject(host.cwd());
  assertOwnProject(project, host);
  const own = await loadConfig(host, `${host.siloHome}/silo.toml`, "user");
  const shared = project.configPath === undefined ? undefined : await loadConfig(host, project.configPath, "project");
  const read = shared && await readReach(shared.config, project.root);
  if (read !== undefined) await requireTrust(host, { key: shared!.path, shown: shared!.path, reach: read.reach }, ask);
  return {
    own: { config: own?.config ?? {}, directory: host.siloHome },
    project,
    shared: { config: shared?.config ?? {}, directory: project.root, programs: read?.programs },
  };
}

/** The files whose steps make up what a scope has. */
export function filesOf(place: Place, scope: Scope): RecipeFile[] {
  return scope === "global" ? [place.own] : [place.own, place.shared];
}

/** The steps that a scope itself has for a tool. */
export function ownSteps(place: Place, scope: Scope, tool: string): readonly StepSetting[] {
  return stepSettings((scope === "global" ? place.own : place.shared).config, tool);
}

/** What the steps of a scope's file run, as it was when consent was looked for. */
export function programsOf(place: Place, scope: Scope): StepPrograms | undefined {
  return (scope === "global" ? place.own : place.shared).programs;
}

/** The place as it would be with other steps in a scope's file. */
export function withSteps(place: Place, scope: Scope, tool: string, steps: readonly StepSetting[]): Place {
  const key = scope === "global" ? "own" : "shared";
  const { config, directory, programs } = place[key];
  const table = config.tools !== undefined && Object.hasOwn(config.tools, tool) ? config.tools[tool] : {};
  const changed: ConfigFile = { ...config, tools: { ...config.tools, [tool]: { ...table, post_install: steps } } };
  return { ...place, [key]: { config: changed, directory, programs } };
}

/** Tools that the files name, in the order of the alphabet. */
export function namedTools(place: Place, scope: Scope): string[] {
  return [...new Set(filesOf(place, scope).flatMap(({ config }) => Object.keys(config.tools ?? {})))].sort();
}
