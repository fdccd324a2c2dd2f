/**
 * What a run says about itself in its run directory (`run.json`), for `silo ps`. The directory's lock says whether it
 * still runs; nothing here is needed for that.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { runBase, staleRunDirectories } from "./run_directory.ts";
import type { RunPlan } from "./run_plan.ts";

export interface RunFile {
  /** The run directory's own digits. */
  readonly id: string;
  /** `<dir>-<N>`. */
  readonly name: string;
  readonly tool: string;
  /** The project's directory; null if none is shared. */
  readonly project: string | null;
  /** The silo that runs it. */
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly cpus: number;
  readonly memoryMiB: number;
}

/** Tells others about a run that begins. A few milliseconds at most, and only if others run; never throws. */
export function announceRun(
  host: Pick<Host, "pid" | "now" | "siloHome" | "env" | "uid">,
  path: string,
  plan: RunPlan,
): void {
  try {
    const project = plan.mounts.find(({ tag }) => tag === "workspace")?.hostPath ?? null;
    const taken = new Set(readAll(path.slice(0, path.lastIndexOf("/"))).map(({ name }) => name));
    const file: RunFile = {
      id: path.slice(path.lastIndexOf("/r-") + 3),
      name: freeName(project?.split("/").at(-1) || plan.tool, taken),
      tool: plan.tool,
      project,
      pid: host.pid,
      startedAt: new Date(host.now()).toISOString(),
      cpus: plan.machine.cpus,
      memoryMiB: plan.machine.memoryMiB,
    };
    // Renamed into place: whoever looks sees all of it or nothing.
    Deno.writeTextFileSync(`${path}/run.json.new`, JSON.stringify(file), { mode: 0o600 });
    Deno.renameSync(`${path}/run.json.new`, `${path}/run.json`);
  } catch { /* the run goes on; `silo ps` does not show it */ }
}

/** `<stem>-<N>` with the lowest number that nobody has. */
export function freeName(stem: string, taken: ReadonlySet<string>): string {
  const clean = stem.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replaceAll(/^-+|-+$/g, "") || "run";
  for (let number = 1;; number++) {
    if (!taken.has(`${clean}-${number}`)) return `${clean}-${number}`;
  }
}

/** The runs under way, oldest first. */
export async function runningRuns(host: Host): Promise<(RunFile & { readonly directory: string })[]> {
  const base = runBase(host);
  const stale = new Set(await staleRunDirectories(base, host.now()));
  return readAll(base)
    .filter(({ id }) => !stale.has(`r-${id}`))
    .map((file) => ({ ...file, directory: `${base}/r-${file.id}` }))
    .sort((a, b) => key(a) < key(b) ? -1 : 1);
}

function readAll(base: string): RunFile[] {
  const files: RunFile[] = [];
  try {
    for (const entry of Deno.readDirSync(base)) {
      if (!entry.isDirectory || !entry.name.startsWith("r-")) continue;
      try {
        files.push({ ...JSON.parse(Deno.readTextFileSync(`${base}/${entry.name}/run.json`)), id: entry.name.slice(2) });
      } catch { /* it begins, or it ends */ }
    }
  } catch { /* nothing has run yet */ }
  return files;
}

function key({ startedAt, name }: RunFile): string {
  return `${startedAt} ${name}`;
}
