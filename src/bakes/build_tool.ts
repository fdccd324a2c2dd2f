/**
 * A tool's build in a place: what there is to do, and doing it.
 *
 * @module
 */
import type { Progress } from "../debian/progress.ts";
import { mergeSettings, type StepSetting } from "../config/config.ts";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { chooseVersion } from "../tools/choose_version.ts";
import { type InstalledTool, readInstalled } from "../tools/installed.ts";
import { readyMachine } from "../tools/ready_machine.ts";
import { readyRootfs } from "../tools/ready_rootfs.ts";
import { readDefinition } from "../tools/registry.ts";
import { findBake } from "./bake_store.ts";
import { onBake } from "./baked_tool.ts";
import { type BuildOutput, ensureBake } from "./build.ts";
import { keepBooted } from "./keep_booted.ts";
import { filesOf, type Place, type Scope } from "./place.ts";
import { noteProject } from "./projects.ts";
import { type Recipe, recipeOf } from "./recipe.ts";
import { resolveSteps } from "./resolve_steps.ts";
import { stepKeys } from "./step.ts";

/** What is to be built for a tool, and whether that is there. */
export interface PlannedBuild {
  readonly tool: InstalledTool;
  readonly recipe: Recipe;
  readonly isThere: boolean;
}

/**
 * Looks what a tool's steps make.
 *
 * @throws {SiloError} if the tool is not installed or a file of its steps cannot be read.
 */
export async function planBuildOf(host: Host, place: Place, scope: Scope, name: string): Promise<PlannedBuild> {
  const tool = readInstalled(host).get(name);
  if (tool === undefined) {
    throw new SiloError(`could not build ${name}: it is not installed`, { hint: `Install it: silo install ${name}` });
  }
  const files = filesOf(place, scope);
  const chosen = chooseVersion(() => readInstalled(host), tool, files);
  const recipe = recipeOf(chosen, readDefinition(host, name)?.settings ?? {}, files);
  const key = recipe.keys.at(-1);
  return { tool: chosen, recipe, isThere: key === undefined || await findBake(host, key) !== undefined };
}

/** Builds what is planned, unless it is there; `force`: even then. The project is noted as one that needs it. */
export async function carryOutBuild(
  host: Host,
  place: Place,
  scope: Scope,
  { tool, recipe }: PlannedBuild,
  output: BuildOutput & { force?: boolean },
): Promise<void> {
  const key = recipe.keys.at(-1);
  if (key !== undefined) {
    await readyRootfs(host, tool, output.progress);
    const machine = await readyMachine(host);
    await ensureBake(host, { tool, recipe, machine, force: output.force ?? false }, output);
    await keepBooted(host, machine, onBake(tool, key), filesOf(place, scope), output.progress);
  }
  if (scope === "project") await noteProject(host, place.project.root, { tool: tool.name, bake: key });
}

/**
 * Completes a tool that is being installed: its definition's own steps (`post_install`, or those of `--setup`) on its
 * image's root file system.
 *
 * @param tool whose root file system is its image's.
 * @returns the tool on what was built; itself if there are no steps.
 * @throws {SiloError} if a step fails: nothing is kept then.
 */
export async function completeTool(
  host: Host,
  tool: InstalledTool,
  settings: readonly StepSetting[],
  progress: Progress,
  force = false,
): Promise<InstalledTool> {
  if (settings.length === 0) return tool;
  const definition = readDefinition(host, tool.name.replace(/@.*$/, ""))?.settings ?? {};
  const merged = mergeSettings([definition, tool.settings ?? {}]);
  const steps = resolveSteps(settings, null).map((step) => ({ step, settings: merged, network: null }));
  const base = tool.image.replace(/^sha256:/, "");
  const recipe = { steps, keys: stepKeys(base, steps) };
  const machine = await readyMachine(host);
  await ensureBake(host, { tool, recipe, machine, force }, { progress });
  return onBake(tool, recipe.keys.at(-1)!);
}
