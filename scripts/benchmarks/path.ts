/**
 * silo's own part of a start: from its exec to that of its helper, by its own name and by a shim.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { shimScript } from "../../src/shims/shim_script.ts";
import { type Row, table } from "./ratio_table.ts";
import { elapsed, PROJECT, SILO } from "./silo_command.ts";

const TARGETS: readonly Row[] = [
  { name: "silo to helper", of: "empty Deno program", limit: 1.5 },
  { name: "shim to helper", of: "silo to helper", limit: 1.1 },
];

/** Prints the time until the helper is started, beside that of an empty Deno program from start to end. */
export async function measurePath(count: number): Promise<void> {
  const directory = await Deno.makeTempDir({ dir: tmpdir(), prefix: "silo-bench-" });
  try {
    await Deno.writeTextFile(`${directory}/empty.ts`, "");
    // Where the helper would be, a program that opens this pipe when it is started.
    const pipe = `${directory}/started`;
    await elapsed(["mkfifo", pipe]);
    await Deno.writeTextFile(`${directory}/helper`, `#!/bin/sh\n: >${pipe}\n`, { mode: 0o755 });
    const shim = {
      name: "python",
      tool: "python",
      silo: SILO,
      siloHome: Deno.env.get("SILO_HOME"),
      projectsOnly: false,
    };
    await Deno.writeTextFile(`${directory}/python`, shimScript(shim), { mode: 0o755 });
    const untilHelper = async (...command: string[]) => {
      let started: number | undefined;
      const begun = performance.now();
      const opened = Deno.open(pipe).then((file) => {
        started = performance.now() - begun;
        file.close();
      });
      const env = { SILO_HELPER: `${directory}/helper` };
      await elapsed([...command, "-c", "pass"], { cwd: PROJECT, env }).catch(() => {});
      if (started !== undefined) return started;
      // A pipe that nobody opened is opened here, so that nothing waits for it.
      (await Deno.open(pipe, { read: true, write: true })).close();
      await opened;
      throw new Error(`${command.join(" ")} started no helper`);
    };
    const ways: Record<string, () => Promise<number>> = {
      "empty Deno program": () => elapsed([Deno.execPath(), "run", "--quiet", "--allow-all", `${directory}/empty.ts`]),
      "silo to helper": () => untilHelper(SILO, "run", "python"),
      "shim to helper": () => untilHelper(`${directory}/python`),
    };
    const samples = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
    for (let i = -2; i < count; i++) {
      for (const [name, measure] of Object.entries(ways)) {
        const milliseconds = await measure();
        if (i >= 0) samples.get(name)!.push(milliseconds);
      }
    }
    console.log(table(samples, TARGETS));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
