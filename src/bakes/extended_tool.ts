/**
 * A tool with something added that is silo's own business, as a language server: built when it is first needed, without
 * anybody having to ask for it.
 *
 * @module
 */
import type { Settings } from "../config/config.ts";
import type { Progress } from "../debian/progress.ts";
import type { Host } from "../host.ts";
import type { Machine } from "../machine/machine_file.ts";
import type { InstalledTool } from "../tools/installed.ts";
import { onBake } from "./baked_tool.ts";
import type { RecipeFile } from "./recipe.ts";

export interface Extension {
  /** As it was installed. */
  readonly tool: InstalledTool;
  /** Settings of its definition. */
  readonly definition: Settings;
  /** Whose steps are built, the addition's last. */
  readonly files: readonly RecipeFile[];
  readonly machine: Machine;
  readonly progress: Progress;
}

/**
 * The tool on the root file system that all the steps make.
 *
 * @throws {import("../errors.ts").SiloError} if it has to be built and a step fails: with the end of what it printed.
 */
export async function extendedTool(
  host: Host,
  { tool, definition, files, machine, progress }: Extension,
): Promise<InstalledTool> {
  const { recipeOf } = await import("./recipe.ts");
  const { findBake } = await import("./bake_store.ts");
  const recipe = recipeOf(tool, definition, files);
  const key = recipe.keys.at(-1)!;
  if (await findBake(host, key) === undefined) {
    const { ensureBake } = await import("./build.ts");
    const { keepBooted } = await import("./keep_booted.ts");
    await ensureBake(host, { tool, recipe, machine }, { progress });
    await keepBooted(host, machine, onBake(tool, key), files, progress);
  }
  return onBake(tool, key);
}
