/**
 * How long work tells how far it is. The receiver decides how it looks.
 *
 * @module
 */

/** One report of progress. `done` and `total` are in bytes where both are given. */
export interface ProgressEvent {
  /** What is being done, for a person: "unpack the kernel". */
  readonly task: string;
  /** Where it is: "download", "unpack 3 of 10". */
  readonly phase: string;
  readonly done?: number;
  readonly total?: number;
}

export type Progress = (event: ProgressEvent) => void;

/** For callers that show nothing. */
export const silent: Progress = () => {};
