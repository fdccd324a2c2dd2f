/**
 * Which root file system a run of a tool has: what was built for it here, else what it was installed with.
 *
 * @module
 */
import type { Settings } from "../config/config.ts";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { InstalledTool } from "../tools/installed.ts";
import type { RecipeFile } from "./recipe.ts";

/**
 * The tool on the root file system that its recipe makes. Costs nothing where no file has steps for it.
 *
 * @param definition settings of the tool's definition.
 * @param files the person's own `silo.toml`, then the project's: accepted, as they are to be used.
 * @throws {SiloError} if that has not been built, naming the command that does it.
 */
export async function bakedTool(
  host: Host,
  tool: InstalledTool,
  definition: Settings,
  files: readonly RecipeFile[],
): Promise<InstalledTool> {
  const mayHaveSteps = ({ config }: RecipeFile) =>
    config.post_build_hooks !== undefined || Object.hasOwn(config.tools ?? {}, tool.name);
  if (!files.some(mayHaveSteps)) return tool;
  const { hasSteps, recipeOf } = await import("./recipe.ts");
  if (!hasSteps(files, tool.name)) return tool;
  const { findBake } = await import("./bake_store.ts");
  const key = recipeOf(tool, definition, files).keys.at(-1)!;
  if (await findBake(host, key) === undefined) {
    throw new SiloError(`could not run ${tool.name}: what silo.toml adds to it has not been built here yet`, {
      hint: "Build it: silo sync",
    });
  }
  return onBake(tool, key);
}

/** The tool on the root file system that was built under that key. */
export function onBake(tool: InstalledTool, key: string): InstalledTool {
  return { ...tool, rootfs: `bakes/${key}.ext4` };
}
