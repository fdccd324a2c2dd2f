/**
 * Whether anybody could continue our process group if it were stopped.
 *
 * @module
 */

/** One process: the part of `/proc/PID/stat` that job control is about; proc_pid_stat(5). */
interface ProcessIds {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/**
 * Whether the process group is orphaned: no shell of its session waits for it, as when a terminal's first program is
 * silo itself. The kernel does not stop such a group on SIGTSTP, and nobody would continue it. Where that cannot be
 * told, as on macOS, it counts as not orphaned.
 */
export function isOrphanedGroup(readStat: (pid: number | "self") => string = readProcStat): boolean {
  try {
    const own = parseStat(readStat("self"));
    const leader = parseStat(readStat(own.group));
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
  const [, parent, group, session] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(parent), group: Number(group), session: Number(session) };
}
