/** `silo rm ID…|--all` */
import { runningRuns } from "../../../engine/run_file.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { chooseRun, type Run } from "./find_run.ts";
import { say } from "../../say.ts";

/** How long a run may take to end by itself, and to be gone once it is killed; milliseconds. */
const POLITE_LIMIT_MS = 6_000;
const KILL_LIMIT_MS = 4_000;
const POLL_MS = 25;

export async function rm(host: Host, words: readonly string[], options: { all?: boolean }): Promise<void> {
  const runs = await runningRuns(host);
  if (words.length === 0 && !options.all) {
    if (runs.length === 0) return say(host, "No sandbox runs.");
    throw new SiloError("could not end anything: no sandbox is named", {
      hint: `All of them: silo rm --all. One: silo rm ${runs[0]!.name}`,
    });
  }
  const chosen = options.all ? runs : words.map((word) => chooseRun(runs, word, "end"));
  await Promise.all(chosen.map((run) => end(host, run)));
  for (const { name } of chosen) say(host, `Ended ${name}`);
  if (chosen.length === 0) say(host, "No sandbox runs.");
}

/**
 * Ends the silo that runs it, as a closing terminal does; that one ends its machine. The machine dies with it in any
 * case. The lock on the run directory says who is alive, so that no number that was given away anew is ever hit.
 */
async function end(host: Host, run: Run): Promise<void> {
  for (const [signal, limit] of [["SIGHUP", POLITE_LIMIT_MS], ["SIGKILL", KILL_LIMIT_MS]] as const) {
    if (!await runs(host, run)) return;
    try {
      Deno.kill(run.pid, signal);
    } catch { /* gone in this moment */ }
    const until = host.monotonic() + limit;
    while (host.monotonic() < until) {
      if (!await runs(host, run)) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  throw new SiloError(`could not end ${run.name}: process ${run.pid} does not go`);
}

async function runs(host: Host, { id }: Run): Promise<boolean> {
  return (await runningRuns(host)).some((run) => run.id === id);
}
