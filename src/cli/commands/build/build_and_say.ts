/** A build with its progress, what its steps print, and what has come of it. */
import { carryOutBuild, planBuildOf } from "../../../bakes/build_tool.ts";
import { type Place, programsOf, type Scope } from "../../../bakes/place.ts";
import type { StepPrograms } from "../../../bakes/step_programs.ts";
import type { Progress } from "../../../debian/progress.ts";
import type { ByteSink } from "../../../engine/backend.ts";
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
  const shown = host.verbosity === "quiet" ? undefined : new ShownOutput(line);
  try {
    const progress: Progress = (event) => {
      shown?.endLine();
      line.show(event);
    };
    await carryOutBuild(host, place, scope, plan, { progress, sink: shown, force });
  } finally {
    shown?.endLine();
    line.clear();
  }
  say(host, `Built ${tool}: ${counted} for ${where(scope)}`);
  return built;
}

/** What steps print, below the line of progress. */
class ShownOutput implements ByteSink {
  readonly #sink = stepOutput();
  readonly #line: ProgressLine;
  #last = NEWLINE;

  constructor(line: ProgressLine) {
    this.#line = line;
  }

  write(data: Uint8Array): Promise<number> {
    this.#line.clear();
    this.#last = data.at(-1) ?? this.#last;
    return this.#sink.write(data);
  }

  /** So that what silo says stands on a line of its own, and its line of progress is not written over a step's. */
  endLine(): void {
    if (this.#last !== NEWLINE) writeAll(Deno.stderr, "\n");
    this.#last = NEWLINE;
  }
}

/** Whose steps, for a person. */
export function where(scope: Scope): string {
  return scope === "global" ? "every project" : "this project";
}
