/**
 * What is looked at before and after a run, for its report.
 *
 * @module
 */
import { EXIT, printable } from "../errors.ts";
import type { Exit, NetworkOutcome } from "../engine/backend.ts";
import { compareTrees, readTree } from "../engine/file_changes.ts";
import type { PlantedFile } from "../engine/planted.ts";
import type { RunPlan } from "../engine/run_plan.ts";
import { textOf } from "../helper/byte_string.ts";
import type { Host } from "../host.ts";
import type { RunReport } from "./report.ts";

/** What is known only when the run is over. */
export interface Outcome {
  readonly exit: Exit | undefined;
  readonly error: unknown;
  readonly planted: readonly PlantedFile[];
  readonly phases: RunReport["phases"];
  readonly attempts: number;
  readonly network: NetworkOutcome | undefined;
}

/** Looks now, and makes the report when the run is over. */
export function observe(
  host: Host,
  plan: RunPlan,
  project: string | null,
): (outcome: Outcome) => RunReport {
  const startedAt = new Date(host.now()).toISOString();
  const begun = host.monotonic();
  const processorBefore = processorSeconds();
  const before = project === null ? undefined : readTree(project);
  return ({ exit, error, planted, phases, attempts, network }) => {
    const after = project === null ? undefined : readTree(project);
    const processorAfter = processorSeconds();
    return {
      tool: plan.tool,
      command: plan.process.argv.map((word) => quoted(textOf(word))).join(" "),
      project,
      startedAt,
      ...endOf(exit, error),
      phases,
      wholeMs: host.monotonic() - begun,
      attempts,
      files: before && after ? compareTrees(before, after) : [],
      filesAreWhole: (before?.isWhole ?? true) && (after?.isWhole ?? true),
      planted,
      machine: {
        cpus: plan.machine.cpus,
        memoryMiB: plan.machine.memoryMiB,
        processorSeconds: processorBefore === null || processorAfter === null ? null : processorAfter - processorBefore,
        mounts: plan.mounts.map(({ guestPath, hostPath, readOnly }) => ({ guestPath, hostPath, readOnly })),
      },
      network: plan.network === null && plan.ports.forwards.length === 0 ? null : {
        hosts: network?.hosts ?? [],
        ports: plan.ports.forwards.map(({ address, hostPort, guestPort }) => `${address}:${hostPort} → ${guestPort}`),
      },
    };
  };
}

function endOf(exit: Exit | undefined, error: unknown): Pick<RunReport, "end" | "isGood"> {
  if (exit === undefined) return { end: error instanceof Error ? printable(error.message) : "not run", isGood: false };
  if ("code" in exit) return { end: `exit code ${exit.code}`, isGood: exit.code === EXIT.OK };
  return { end: `ended by ${exit.signal}`, isGood: false };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The kernel counts in hundredths for programs, whatever it uses itself. */
const TICKS_A_SECOND = 100;

/** Of the processes that this one has started and that have ended, and of theirs: proc(5), cutime and cstime. */
function processorSeconds(): number | null {
  try {
    const fields = Deno.readTextFileSync("/proc/self/stat").replace(/^.*\) /, "").split(" ");
    return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND;
  } catch {
    return null;
  }
}
