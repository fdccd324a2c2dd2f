/**
 * A machine for what has just been built, booted and kept.
 *
 * @module
 */
import { layersOf } from "../config/layers.ts";
import type { Progress } from "../debian/progress.ts";
import type { Host } from "../host.ts";
import type { Machine } from "../machine/machine_file.ts";
import type { InstalledTool } from "../tools/installed.ts";
import { readDefinition } from "../tools/registry.ts";
import type { RecipeFile } from "./recipe.ts";

/** Has the first run of what was built start as quickly as all others. */
export async function keepBooted(
  host: Host,
  machine: Machine,
  tool: InstalledTool,
  files: readonly RecipeFile[],
  progress: Progress,
): Promise<void> {
  const sources = files.map((file) => ({ ...file, origin: file.directory }));
  const above = layersOf(sources, tool.name, host.home).map(({ settings }) => settings);
  const { makeSnapshot } = await import("../engine/make_snapshot.ts");
  await makeSnapshot(host, machine, tool, readDefinition(host, tool.name), progress, above);
}
