/**
 * silo's own part of a start: from its exec to that of its helper.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { type Row, table } from "./ratio_table.ts";
import { elapsed, PROJECT, SILO } from "./silo_command.ts";

/** Prints the time until the helper is started, beside that of an empty Deno program from start to end. */
export async function measurePath(count: number): Promise<void> {
  const directory = await Deno.makeTempDir({ dir: tmpdir(), prefix: "silo-bench-" });
  try {
    await Deno.writeTextFile(`${directory}/empty.ts`, "");
    // Where the helper would be, a program that says when it was started.
    await Deno.writeTextFile(`${directory}/helper`, `#!/bin/sh\ndate +%s%N >${directory}/started\n`, { mode: 0o755 });
    const samples = new Map<string, number[]>([["silo to helper", []], ["empty Deno program", []]]);
    for (let i = -2; i < count; i++) {
      const empty = await elapsed([Deno.execPath(), "run", "--quiet", "--allow-all", `${directory}/empty.ts`]);
      const begun = performance.timeOrigin + performance.now();
      const env = { SILO_HELPER: `${directory}/helper` };
      await elapsed([SILO, "run", "python", "-c", "pass"], { cwd: PROJECT, env }).catch(() => {});
      const started = Number(await Deno.readTextFile(`${directory}/started`)) / 1e6;
      if (i < 0) continue;
      samples.get("empty Deno program")!.push(empty);
      samples.get("silo to helper")!.push(started - begun);
    }
    const target: Row = { name: "silo to helper", of: "empty Deno program", limit: 1.5 };
    console.log(table(samples, [target]));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
