/**
 * What a run did, as plain data: `--report` shows it as a page.
 *
 * @module
 */
import type { AskedHost } from "../engine/backend.ts";
import type { FileChange } from "../engine/file_changes.ts";
import type { PlantedFile } from "../engine/planted.ts";

export interface RunReport {
  readonly tool: string;
  /** The program and its arguments, for a person. */
  readonly command: string;
  readonly project: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** "exit code 0", "ended by SIGKILL", or why it could not be run. */
  readonly end: string;
  readonly isGood: boolean;
  readonly phases: readonly { readonly phase: string; readonly milliseconds: number }[];
  readonly wholeMs: number;
  readonly attempts: number;
  readonly files: readonly FileChange[];
  /** Whether all files of the project were looked at. */
  readonly filesAreWhole: boolean;
  readonly planted: readonly PlantedFile[];
  readonly machine: ReportedMachine;
  /** Null: nothing is known of it. */
  readonly network: ReportedNetwork | null;
}

export interface ReportedMachine {
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Of all processes of the run when its program had ended, seconds; null where the system does not tell. */
  readonly processorSeconds: number | null;
  /** What they had of this machine's memory then; null where the system does not tell. */
  readonly memoryBytes: number | null;
  readonly mounts: readonly { readonly guestPath: string; readonly hostPath: string; readonly readOnly: boolean }[];
}

export interface ReportedNetwork {
  readonly hosts: readonly AskedHost[];
  readonly ports: readonly string[];
}
