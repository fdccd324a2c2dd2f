/**
 * The reach of a file of the project, with what its steps run as it is on the disk.
 *
 * @module
 */
import type { StepPrograms } from "../bakes/step_programs.ts";
import type { ConfigFile, StepSetting } from "./config.ts";
import { type Reach, reachOf } from "./reach.ts";

export interface ReadReach {
  readonly reach: Reach;
  /** What the steps run, as it was read; a build is held to it. */
  readonly programs: StepPrograms | undefined;
}

/**
 * Reads what the steps run. Nothing is loaded for a file without any.
 *
 * @param directory where the file is.
 * @param known what the steps run, where somebody has looked already: then the disk is not asked.
 */
export async function readReach(config: ConfigFile, directory: string, known?: StepPrograms): Promise<ReadReach> {
  const steps = stepsIn(config);
  if (steps.length === 0) return { reach: reachOf(config), programs: undefined };
  const { programsOf, stepName } = await import("../bakes/step_programs.ts");
  const programs = known ?? programsOf(steps, directory);
  return { reach: reachOf(config, (step) => programs.get(stepName(step))), programs };
}

function stepsIn(config: ConfigFile): StepSetting[] {
  const tools = Object.values(config.tools ?? {});
  return [config, ...tools].flatMap((it) => it.post_build_hooks ?? []).concat(
    tools.flatMap((it) => it.post_install ?? []) as string[],
  );
}
