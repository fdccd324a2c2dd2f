/**
 * How much memory of the host a sandbox has: that of everything below the silo that runs it.
 *
 * @module
 */

/** Bytes; undefined where there is no /proc. A page that several sandboxes share counts in part for each. */
export function memoryOf(pid: number): number | undefined {
  try {
    const children = new Map<number, number[]>();
    for (const { name } of Deno.readDirSync("/proc")) {
      const child = Number(name);
      const parent = Number.isInteger(child) ? parentOf(child) : undefined;
      if (parent !== undefined) children.set(parent, [...children.get(parent) ?? [], child]);
    }
    let bytes = 0;
    const below = [...children.get(pid) ?? []];
    for (let next = below.pop(); next !== undefined; next = below.pop()) {
      bytes += proportionalSize(next);
      below.push(...children.get(next) ?? []);
    }
    return bytes;
  } catch {
    return undefined;
  }
}

/** proc_pid_stat(5): the name stands in parentheses and may hold anything. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

function proportionalSize(pid: number): number {
  try {
    return 1024 * Number(/^Pss:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  } catch {
    return 0; // another's, or gone
  }
}
