/**
 * What a shell's job control makes of our process group.
 *
 * @module
 */

/** One process: the part of `/proc/PID/stat` that job control is about; proc_pid_stat(5). */
interface ProcessIds {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The group in the foreground of the process's terminal. */
  readonly foreground: number;
}

type ReadStat = (pid: number | "self") => string;

/**
 * Whether our process group is the one in the foreground: the others are stopped when they touch the terminal. Where it
 * cannot be told, as on macOS, it counts as being there.
 */
export function isForeground(readStat: ReadStat = readProcStat): boolean {
  try {
    const own = parseStat(readStat("self"));
    return own.foreground === own.group;
  } catch {
    return true;
  }
}

/**
 * Whether the process group is orphaned: no shell of its session waits for it, as when a terminal's first program is
 * silo itself. The kernel does not stop such a group on SIGTSTP, and nobody would continue it. Where that cannot be
 * told, as on macOS, it counts as not orphaned.
 */
export function isOrphanedGroup(readStat: ReadStat = readProcStat): boolean {
  try {
    const own = parseStat(readStat("self"));
    const leader = parseStat(readStat(own.group));
    if (leader.parent === 0) return true; // the first process of a container
    const waiting = parseStat(readStat(leader.parent));
    return waiting.session !== own.session || waiting.group === own.group;
  } catch {
    return false;
  }
}

function readProcStat(pid: number | "self"): string {
  return Deno.readTextFileSync(`/proc/${pid}/stat`);
}

/** The name in parentheses may hold anything, so what counts stands behind the last one. */
function parseStat(text: string): ProcessIds {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  const [, parent, group, session, , foreground] = fields as [number, number, number, number, number, number];
  return { parent, group, session, foreground };
}
