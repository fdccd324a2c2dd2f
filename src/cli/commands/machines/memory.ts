/**
 * How much memory of the host a sandbox has: that of everything below the silo that runs it.
 *
 * @module
 */
import { memoryOfProcess, processesBelow } from "../../../processes_below.ts";

/** Bytes; undefined where there is no /proc. A page that several sandboxes share counts in part for each. */
export function memoryOf(pid: number): number | undefined {
  return processesBelow(pid)?.reduce((sum, each) => sum + memoryOfProcess(each), 0);
}
