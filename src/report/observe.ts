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
import { memoryOfProcess, processesBelow, processorSecondsOf } from "../processes_below.ts";
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

type Used = Pick<RunReport["machine"], "processorSeconds" | "memoryBytes">;

/** What watches a run. */
export interface Observer {
  /** The program has ended, its machine is still there. */
  programEnded(): void;
  /** The run is over. */
  finish(outcome: Outcome): RunReport;
}

/** Looks now, when the program ends, and when the run is over. */
export function observe(host: Host, plan: RunPlan, project: string | null): Observer {
  const startedAt = new Date(host.now()).toISOString();
  const begun = host.monotonic();
  let atEnd: Used = { processorSeconds: null, memoryBytes: null };
  const before = project === null ? undefined : readTree(project);
  const finish = ({ exit, error, planted, phases, attempts, network }: Outcome): RunReport => {
    const after = project === null ? undefined : readTree(project);
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
        ...atEnd,
        mounts: plan.mounts.map(({ guestPath, hostPath, readOnly }) => ({ guestPath, hostPath, readOnly })),
      },
      network: plan.network === null && plan.ports.forwards.length === 0 ? null : {
        hosts: network?.hosts ?? [],
        ports: plan.ports.forwards.map(({ address, hostPort, guestPort }) => `${address}:${hostPort} → ${guestPort}`),
      },
    };
  };
  return { programEnded: () => void (atEnd = used(host.pid)), finish };
}

function endOf(exit: Exit | undefined, error: unknown): Pick<RunReport, "end" | "isGood"> {
  if (exit === undefined) return { end: error instanceof Error ? printable(error.message) : "not run", isGood: false };
  if ("code" in exit) return { end: `exit code ${exit.code}`, isGood: exit.code === EXIT.OK };
  return { end: `ended by ${exit.signal}`, isGood: false };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What everything that this process has started has used and has, while it is there; null where that is not told. */
function used(pid: number): Used {
  const below = processesBelow(pid);
  if (below === undefined) return { processorSeconds: null, memoryBytes: null };
  const sum = (of: (pid: number) => number) => below.reduce((total, each) => total + of(each), 0);
  return { processorSeconds: sum(processorSecondsOf), memoryBytes: sum(memoryOfProcess) };
}
