/** A build with its progress, what its steps print, and what has come of it. */
import { carryOutBuild, planBuildOf } from "../../../bakes/build_tool.ts";
import { type Place, programsOf, type Scope } from "../../../bakes/place.ts";
import type { StepPrograms } from "../../../bakes/step_programs.ts";
import type { Host } from "../../../host.ts";
import { writeAll } from "../../output.ts";
import { ProgressLine } from "../../progress_line.ts";
import { say } from "../../say.ts";
import { stepOutput } from "./session.ts";

/** What a step prints last, if it ends its lines. */
const NEWLINE = 10;

/**
 * Builds what a tool's steps make, unless it is there; `force`: even then.
 *
 * @returns what the steps of the scope's file run: with the bytes that were built.
 */
export async function buildAndSay(
  host: Host,
  place: Place,
  scope: Scope,
  tool: string,
  force: boolean,
): Promise<StepPrograms> {
  const plan = await planBuildOf(host, place, scope, tool);
  const line = new ProgressLine(host);
  const steps = plan.recipe.steps.length;
  const counted = `${steps} step${steps === 1 ? "" : "s"}`;
  const built = new Map([...programsOf(place, scope) ?? [], ...plan.recipe.programs ?? []]);
  if (plan.isThere && !force) {
    await carryOutBuild(host, place, scope, plan, { progress: line.show });
    say(host, `${tool} is built already: ${counted} for ${where(scope)}`);
    return built;
  }
  try {
    const sink = stepOutput();
    let last = NEWLINE;
    await carryOutBuild(host, place, scope, plan, {
      progress: line.show,
      sink: {
        write: (data) => {
          line.clear();
          last = data.at(-1) ?? last;
          return sink.write(data);
        },
      },
      force,
    });
    if (last !== NEWLINE) writeAll(Deno.stderr, "\n");
  } finally {
    line.clear();
  }
  say(host, `Built ${tool}: ${counted} for ${where(scope)}`);
  return built;
}

/** Whose steps, for a person. */
export function where(scope: Scope): string {
  return scope === "global" ? "every project" : "this project";
}
