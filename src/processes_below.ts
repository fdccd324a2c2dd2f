/**
 * The processes that one has started, and those that these have: what proc(5) says of them.
 *
 * @module
 */

/** Where the kernel counts time, it does in hundredths, whatever it uses itself. */
const TICKS_A_SECOND = 100;

/** The ids of all processes below one; undefined where there is no /proc. */
export function processesBelow(pid: number): number[] | undefined {
  const children = new Map<number, number[]>();
  try {
    for (const { name } of Deno.readDirSync("/proc")) {
      const child = Number(name);
      const parent = Number.isInteger(child) ? Number(statOf(child)?.[1]) : NaN;
      if (!Number.isNaN(parent)) children.set(parent, [...children.get(parent) ?? [], child]);
    }
  } catch {
    return undefined;
  }
  const below = [...children.get(pid) ?? []];
  for (let at = 0; at < below.length; at++) below.push(...children.get(below[at]!) ?? []);
  return below;
}

/** Bytes of memory that a process has; a page that several share counts in part for each. 0 if it is gone. */
export function memoryOfProcess(pid: number): number {
  try {
    return 1024 * Number(/^Pss:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  } catch {
    return 0; // another's, or gone
  }
}

/** Processor time of a process and of those that it has waited for, seconds. 0 if it is gone. */
export function processorSecondsOf(pid: number): number {
  const times = statOf(pid)?.slice(11, 15).map(Number) ?? []; // utime, stime, cutime, cstime
  return times.reduce((sum, ticks) => sum + ticks, 0) / TICKS_A_SECOND;
}

/** proc_pid_stat(5) from the state on: the name stands in parentheses and may hold anything. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
