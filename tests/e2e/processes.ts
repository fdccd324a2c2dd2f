/** The processes of one run, found from the outside: by parentage, never by name alone. */
export interface ProcessInfo {
  pid: number;
  parent: number;
  /** The name of the program that it executes now, cut to 15 characters by the kernel. */
  program: string;
  command: string;
}

/** Every process that stands below `root` now (root itself included). */
export function processTree(root: number): ProcessInfo[] {
  const all = listProcesses();
  const tree = all.filter((p) => p.pid === root);
  for (let i = 0; i < tree.length; i++) {
    tree.push(...all.filter((p) => p.parent === tree[i]!.pid && !tree.some((q) => q.pid === p.pid)));
  }
  return tree;
}

/** Reads /proc; a process that ends meanwhile is left out. */
export function listProcesses(): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const entry of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(entry.name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${entry.name}/stat`);
      const rest = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (rest[0] === "Z") continue;
      const command = Deno.readTextFileSync(`/proc/${entry.name}/cmdline`).replaceAll("\0", " ").trim();
      const program = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
      found.push({ pid: Number(entry.name), parent: Number(rest[1]), program, command });
    } catch {
      // it has ended
    }
  }
  return found;
}

/** True while the process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch {
    return false;
  }
}

/** What a process is and does, for a message: its program, its state (proc(5)) and where in the kernel it waits. */
export function waitsIn({ pid, program }: ProcessInfo): string {
  try {
    const state = /^State:\s+(.*)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
    return `${program} ${state} in ${Deno.readTextFileSync(`/proc/${pid}/wchan`)}`;
  } catch {
    return `${program}, gone now`;
  }
}

/** Peak resident memory so far, in MiB. */
export function peakResidentMiB(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const match = /^VmHWM:\s+(\d+) kB/m.exec(status);
  if (!match) throw new Error(`no VmHWM for process ${pid}`);
  return Number(match[1]) / 1024;
}

/** The member of a run's tree with this role. The jail around QEMU carries QEMU's command line, but not its name. */
export function findRole(tree: ProcessInfo[], role: "helper" | "qemu"): ProcessInfo | undefined {
  const name = role === "helper" ? "silo-helper" : "qemu-system";
  return tree.filter((p) => p.program.startsWith(name)).at(-1);
}
