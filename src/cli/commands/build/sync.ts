/** `silo sync` (`pull`, `apply`) */
import { carryOutBuild, planBuildOf } from "../../../bakes/build_tool.ts";
import type { Place } from "../../../bakes/place.ts";
import { planSync, type SyncAction } from "../../../bakes/sync_plan.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { writeAll } from "../../output.ts";
import { ProgressLine } from "../../progress_line.ts";
import { table } from "../../table.ts";
import { placeOf } from "./session.ts";
import { say } from "../../say.ts";
import { columnsOf } from "../../terminal_width.ts";

export interface SyncOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export async function sync(host: Host, options: SyncOptions): Promise<void> {
  const place = await placeOf(host);
  const { dryRun = false, force = false } = options;
  const actions = await planSync(host, place, force);
  if (options.json) {
    print(
      `${JSON.stringify({ dryRun, actions: actions.map(({ do: what, tool, steps }) => ({ tool, what, steps })) })}\n`,
    );
  } else if (actions.length === 0) {
    return say(host, "silo.toml names no tools: there is nothing to do.");
  } else if (dryRun) {
    return print(table(actions.map((action) => [action.tool, describe(action)]), columnsOf(host, "stdout")));
  }
  if (dryRun) return;
  const unknown = actions.find((action) => action.do === "unknown");
  if (unknown !== undefined) {
    throw new SiloError(`could not sync: ${unknown.tool} is not installed, and no tool of that name is known`, {
      hint: `From an image: silo install --image REFERENCE --name ${unknown.tool}`,
    });
  }
  const line = new ProgressLine(host);
  const tell = (text: string) => options.json || say(host, text);
  try {
    for (const action of actions) {
      await carryOut(host, place, action, force, options.json ?? false, line);
      line.clear();
      if (action.do === "build" || (action.do === "install" && action.steps > 0)) tell(built(action));
    }
  } finally {
    line.clear();
  }
  if (actions.every((action) => action.do === "nothing")) tell("Everything is as silo.toml says.");
}

async function carryOut(
  host: Host,
  place: Place,
  action: SyncAction,
  force: boolean,
  json: boolean,
  line: ProgressLine,
) {
  if (action.do === "install") {
    const { tool, version, beside } = action;
    const request = { tool, version, from: undefined, force: false, beside };
    // What a project asked for does not claim the tool's name elsewhere.
    const extra = { projectsOnly: !beside };
    if (json) await (await import("../../../tools/install.ts")).install(host, { ...request, ...extra }, line.show);
    else await (await import("../install.ts")).installWith(host, request, extra);
  }
  if (action.steps === 0) return;
  const build = "build" in action && action.build !== undefined
    ? action.build
    : await planBuildOf(host, place, "project", action.tool);
  await carryOutBuild(host, place, "project", build, { progress: line.show, force });
}

function describe({ do: what, tool, steps }: SyncAction): string {
  const counted = steps === 1 ? "1 step" : `${steps} steps`;
  if (what === "install") return steps === 0 ? "install" : `install, then build with ${counted}`;
  if (what === "build") return `build with ${counted}`;
  if (what === "unknown") {
    return `is not installed, and no tool of that name is known (silo install --image … --name ${tool})`;
  }
  return "nothing to do";
}

function built({ tool, steps }: SyncAction): string {
  return `Built ${tool} with ${steps === 1 ? "1 step" : `${steps} steps`}`;
}

function print(text: string): void {
  writeAll(Deno.stdout, text);
}
