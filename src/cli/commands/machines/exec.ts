/** `silo exec ID COMMAND…` */
import { execBackend } from "../../../engine/exec/exec_backend.ts";
import type { ExecPlan } from "../../../engine/exec/messages.ts";
import { stdioPlan } from "../../../engine/plan_run.ts";
import { realSignals } from "../../../engine/process_signals.ts";
import { run } from "../../../engine/run.ts";
import { processIo } from "../../../engine/stdio.ts";
import { HostTerminal } from "../../../engine/terminal.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { endAs } from "../../end_process.ts";
import { findRun } from "./find_run.ts";

export interface ExecOptions {
  readonly user: string;
  readonly env?: readonly string[];
  readonly cwd?: string;
}

export async function exec(host: Host, id: string, words: readonly string[], options: ExecOptions): Promise<number> {
  const plan = execPlan(host, words, options);
  const { directory, name } = await findRun(host, id, "run something in");
  const terminal = new HostTerminal();
  const restore = () => terminal.restore();
  globalThis.addEventListener("unload", restore);
  try {
    const exit = await run(plan, execBackend(directory, name), {
      host,
      io: processIo(),
      terminal,
      signals: realSignals(),
      events: { timing: () => {}, attempts: () => {}, warning: () => {} },
    });
    return await endAs(exit);
  } finally {
    globalThis.removeEventListener("unload", restore);
  }
}

/** @throws {SiloError} that names the wrong word. */
export function execPlan(
  host: Pick<Host, "terminals" | "env">,
  words: readonly string[],
  { user, env = [], cwd }: ExecOptions,
): ExecPlan {
  if (user !== "host" && user !== "root") {
    throw new SiloError(`could not understand --user ${user}: it is host or root`);
  }
  const bad = env.find((entry) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(entry));
  if (bad !== undefined) throw new SiloError(`could not understand --env ${bad}: it has the form NAME=VALUE`);
  if (cwd !== undefined && !cwd.startsWith("/")) {
    throw new SiloError(`could not understand --cwd ${cwd}: it is an absolute path in the sandbox`);
  }
  const { stdio, terminal } = stdioPlan(host.terminals);
  const term = terminal === null ? [] : [`TERM=${host.env.TERM ?? "xterm-256color"}`];
  return {
    process: { stdio, terminal, argv: words, env: [...term, ...env], cwd: cwd ?? null, root: user === "root" },
  };
}
