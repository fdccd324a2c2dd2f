/**
 * What a check of `silo doctor` finds.
 *
 * @module
 */

/** `ok`: works. `note`: works, could be better. `fail`: silo cannot run tools until it is mended. */
export type Status = "ok" | "note" | "fail";

export interface Finding {
  /** What was looked at, short. */
  readonly name: string;
  readonly status: Status;
  /** What was found. */
  readonly detail: string;
  /** How to mend it; one line. */
  readonly fix?: string;
}

/** Whether silo can run tools. */
export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every((finding) => finding.status !== "fail");
}
