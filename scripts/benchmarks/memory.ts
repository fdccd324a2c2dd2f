/**
 * What each further idle run costs.
 *
 * @module
 */
import { memoryOfProcess } from "../../src/processes_below.ts";
import { processTree } from "../../tests/e2e/processes.ts";
import { PROJECT, SILO } from "./silo_command.ts";

/**
 * Starts `count` runs of one snapshot that wait for input, and prints the proportional memory (PSS: shared pages count
 * for their share) of a run's VM and of all its processes, MiB, on average over the runs.
 */
export async function measureMemory(count: number): Promise<void> {
  const runs: Deno.ChildProcess[] = [];
  const inputs: WritableStreamDefaultWriter<Uint8Array>[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const args = ["run", "--exec", "python", "cat"];
      const run = new Deno.Command(SILO, { args, cwd: PROJECT, stdin: "piped", stdout: "piped", stderr: "null" })
        .spawn();
      runs.push(run);
      const input = run.stdin.getWriter();
      inputs.push(input);
      await input.write(new TextEncoder().encode("up\n"));
      const output = run.stdout.getReader();
      await output.read();
      output.releaseLock();
    }
    const trees = runs.map((run) => processTree(run.pid));
    const sum = (which: (program: string) => boolean) =>
      trees.flat().filter(({ program }) => which(program)).reduce((total, { pid }) => total + memoryOfProcess(pid), 0) /
      count / 1024 ** 2;
    const vm = sum((program) => program.startsWith("qemu"));
    const all = sum(() => true);
    console.log(`${count} idle runs at once, each on average:`);
    console.log(`  QEMU           ${vm.toFixed(1).padStart(6)} MiB (PSS; target ≤ 40 for each further one)`);
    console.log(`  all processes  ${all.toFixed(1).padStart(6)} MiB (PSS; target ≤ 100)`);
  } finally {
    await Promise.all(inputs.map((input) => input.close().catch(() => {})));
    await Promise.all(runs.map((run) => run.status));
  }
}
