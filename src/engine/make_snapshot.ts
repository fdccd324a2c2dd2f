/**
 * Keeping a tool's machine booted, so that its runs restore it: docs/architecture.md, "Snapshots".
 *
 * @module
 */
import type { ToolSettings } from "../config/config.ts";
import { mergeSettings } from "../config/merge.ts";
import type { Progress } from "../debian/progress.ts";
import { HelperClient } from "../helper/client.ts";
import type { Host } from "../host.ts";
import { withScratchOf } from "../machine/scratch_of_size.ts";
import type { Machine } from "../machine/machine_file.ts";
import type { ToolDefinition } from "../tools/definition.ts";
import type { InstalledTool } from "../tools/installed.ts";
import { decideNetwork } from "./network_plan.ts";
import { machineSpec } from "./machine_spec.ts";
import { planRun } from "./plan_run.ts";
import type { RunPlan } from "./run_plan.ts";

/** A cold boot and a start of the tool; a loaded machine may take many times that. */
const LIMIT_MS = 10 * 60_000;

/**
 * Makes the snapshot that a run of the tool starts from. One that is there is kept. Whether it is there afterwards, or
 * being made by another process; a failure costs runs their speed and nothing else, so none is thrown.
 *
 * @param above layers of configuration over the tool's own.
 */
export async function makeSnapshot(
  host: Host,
  machine: Machine,
  tool: InstalledTool,
  definition: ToolDefinition | undefined,
  progress: Progress,
  above: readonly ToolSettings[] = [],
): Promise<boolean> {
  let client: HelperClient | undefined;
  try {
    const plan = await templatePlan(host, machine, tool, definition, above);
    if (plan.machine.snapshots === null) return false; // not on this platform, or not wanted
    progress({ task: "snapshot", phase: `keep ${tool.name} booted` });
    client = new HelperClient(machine.helper, host);
    await client.initialize();
    const spec = machineSpec(plan, host.siloHome, `${host.siloHome}/none`);
    await client.request("snapshot/create", spec, { doing: "keep a booted machine" }, LIMIT_MS);
    return true;
  } catch {
    return false;
  } finally {
    await client?.close();
  }
}

/** The plan of a run as far as a snapshot depends on it: what a run has besides comes after the restore. */
async function templatePlan(
  host: Host,
  machine: Machine,
  tool: InstalledTool,
  definition: ToolDefinition | undefined,
  above: readonly ToolSettings[],
): Promise<RunPlan> {
  const settings = mergeSettings([definition?.settings ?? {}, tool.settings ?? {}, ...above]);
  return planRun({
    host,
    tool,
    warm: definition?.warm ?? [],
    machine: await withScratchOf(settings.resources.rootfsSizeMB, machine, host),
    workspace: null,
    settings,
    mounts: [],
    argv: ["true"],
    user: "host",
    network: decideNetwork(host, settings.network),
    variables: () => undefined,
  });
}
