/**
 * What it takes to make this machine have what the files name. Looks, changes nothing.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { installedVersion, wantedVersion } from "../tools/choose_version.ts";
import { readInstalled } from "../tools/installed.ts";
import { availableTools } from "../tools/registry.ts";
import { planBuildOf, type PlannedBuild } from "./build_tool.ts";
import { filesOf, type Place } from "./place.ts";
import { hasSteps, stepSettings } from "./recipe.ts";

export type SyncAction =
  | {
    readonly do: "install";
    readonly tool: string;
    readonly steps: number;
    readonly version: string | undefined;
    /** Another version of it is there, and stays. */
    readonly beside: boolean;
  }
  | { readonly do: "build"; readonly tool: string; readonly steps: number; readonly build: PlannedBuild }
  | { readonly do: "nothing"; readonly tool: string; readonly steps: number; readonly build: PlannedBuild | undefined }
  /** Named, not installed, and nothing that could be installed by name. */
  | { readonly do: "unknown"; readonly tool: string; readonly steps: number };

/**
 * One action a tool: those that the project names, and those that are installed and have steps.
 *
 * @param force build again what is there.
 * @throws {import("../errors.ts").SiloError} if a file of a step cannot be read.
 */
export async function planSync(host: Host, place: Place, force: boolean): Promise<SyncAction[]> {
  const files = filesOf(place, "project");
  const installed = readInstalled(host);
  const available = new Set(availableTools(host));
  const named = Object.keys(place.shared.config.tools ?? {});
  const withSteps = [...installed.keys()].filter((tool) => !tool.includes("@") && hasSteps(files, tool));
  const actions: SyncAction[] = [];
  for (const tool of [...new Set([...named, ...withSteps])].sort()) {
    const version = wantedVersion(files, tool);
    const beside = installed.has(tool);
    if (!beside || installedVersion(installed, tool, version) === undefined) {
      const steps = files.reduce((sum, { config }) => sum + stepSettings(config, tool).length, 0);
      actions.push(
        available.has(tool) ? { do: "install", tool, steps, version, beside } : { do: "unknown", tool, steps },
      );
      continue;
    }
    if (!hasSteps(files, tool)) {
      actions.push({ do: "nothing", tool, steps: 0, build: undefined });
      continue;
    }
    const build = await planBuildOf(host, place, "project", tool);
    const steps = build.recipe.steps.length;
    actions.push({ do: build.isThere && !force ? "nothing" : "build", tool, steps, build });
  }
  return actions;
}
