/**
 * What is to be built for a tool in a place: the person's own steps, then the project's, each with the settings that
 * hold up to there.
 *
 * @module
 */
import {
  type ConfigFile,
  layersFor,
  mergeSettings,
  type Settings,
  type StepSetting,
  type ToolSettings,
} from "../config/config.ts";
import type { InstalledTool } from "../tools/installed.ts";
import { resolveSteps } from "./resolve_steps.ts";
import { type PlacedStep, stepKeys } from "./step.ts";
import { assertSame, programsIn, type StepPrograms } from "./step_programs.ts";

/** One `silo.toml` with the directory that its paths are relative to. */
export interface RecipeFile {
  readonly config: ConfigFile;
  readonly directory: string;
  /** What its steps run, as it was when consent was looked for; what else they run by now is refused. */
  readonly programs?: StepPrograms | undefined;
}

/** Steps on a root file system, and what each result is known by. */
export interface Recipe {
  readonly steps: readonly PlacedStep[];
  /** One a step; the last is the whole recipe's. */
  readonly keys: readonly string[];
  /** What the steps of the last file run. */
  readonly programs?: StepPrograms;
}

/** The steps that a file has for a tool. */
export function stepSettings(config: ConfigFile, tool: string): readonly StepSetting[] {
  const { post_install = [], post_build_hooks = [] } = toolTable(config, tool);
  return [...config.post_build_hooks ?? [], ...post_build_hooks, ...post_install];
}

/** Whether any of the files builds something for the tool: most do not, and nothing else has to be looked at then. */
export function hasSteps(files: readonly RecipeFile[], tool: string): boolean {
  return files.some(({ config }) => stepSettings(config, tool).length > 0);
}

/**
 * The recipe of a tool.
 *
 * @param settings of the tool's definition, the lowest layer.
 * @param files the person's own, then the project's.
 * @throws {import("../errors.ts").SiloError} if a file that a step names cannot be read.
 */
export function recipeOf(tool: InstalledTool, settings: Settings, files: readonly RecipeFile[]): Recipe {
  const layers = [settings, tool.settings ?? {}];
  const below = layers.length;
  const steps: PlacedStep[] = [];
  let run: StepPrograms = new Map();
  for (const { config, directory, programs } of files) {
    layers.push(...layersFor(config, tool.name));
    const settings = mergeSettings(layers);
    // The definition's own rules are silo's: a new version of them is no other recipe.
    const { network } = mergeSettings(layers.slice(below));
    const written = stepSettings(config, tool.name);
    const resolved = resolveSteps(written, directory);
    run = programsIn(written, resolved);
    for (const [i, step] of resolved.entries()) {
      assertSame(programs, run, written[i]!, step.label);
      steps.push({ step, settings, network });
    }
  }
  return { steps, keys: stepKeys(baseKey(tool), steps), programs: run };
}

/** What an installed tool's root file system is known by: its file is called so. */
export function baseKey(tool: Pick<InstalledTool, "rootfs">): string {
  return tool.rootfs.slice(tool.rootfs.lastIndexOf("/") + 1).replace(/\.ext4$/, "");
}

function toolTable(config: ConfigFile, tool: string): ToolSettings {
  return config.tools !== undefined && Object.hasOwn(config.tools, tool) ? config.tools[tool]! : {};
}
