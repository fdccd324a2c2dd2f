/**
 * What is said after a run of what it did outside the sandbox: files that the host may run, and the report.
 *
 * @module
 */
import { comparePrints, plantedWarning, takePrints, watchedPlaces } from "../engine/planted.ts";
import type { RunPlan } from "../engine/run_plan.ts";
import type { Host } from "../host.ts";
import type { Outcome } from "../report/observe.ts";
import type { RunRequest } from "./parse_run.ts";
import { warn } from "./say.ts";

/** A look before the run, to be compared with one after it. */
export interface Look {
  /** The program has ended, its machine is still there. */
  programEnded(): void;
  /** However the run ended. */
  end(outcome: Omit<Outcome, "planted">): Promise<void>;
}

/**
 * Looks before a run.
 *
 * @throws {import("../errors.ts").SiloError} if the report cannot be written where it is wanted.
 */
export async function beginLook(
  request: Pick<RunRequest, "report">,
  host: Host,
  plan: RunPlan,
  project: string | null,
): Promise<Look> {
  const report = request.report === undefined ? undefined : await beginReport(request.report, host, plan, project);
  const watched = watchedPlaces(plan);
  const before = takePrints(watched);
  return {
    programEnded: () => report?.programEnded(),
    end: async (outcome) => {
      const planted = comparePrints(before, takePrints(watched));
      const lines = plantedWarning(planted, project ?? "");
      if (lines.length > 0) warn(host, lines.join("\n"));
      await report?.end({ ...outcome, planted });
    },
  };
}

/** Loaded only where a report is wanted. */
async function beginReport(file: string, host: Host, plan: RunPlan, project: string | null) {
  const { reportPlace, writeReport } = await import("../report/write_report.ts");
  const { observe } = await import("../report/observe.ts");
  const place = reportPlace(file, host.cwd());
  const observer = observe(host, plan, project);
  return {
    programEnded: observer.programEnded,
    end: async (outcome: Outcome) => {
      const report = observer.finish(outcome);
      const { renderReport } = await import("../report/render.ts");
      await writeReport(place, renderReport(report));
    },
  };
}
