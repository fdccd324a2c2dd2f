import { countJUnit, type Outcome } from "./report.ts";
import { runCommand } from "./run_command.ts";

/** `deno test` over a folder, counted by its JUnit report. A runner that breaks before it reports counts as a failure. */
export async function runDenoTests(
  root: string,
  folder: string,
  options: { parallel: boolean; filter?: string | undefined },
): Promise<Outcome> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const args = ["test", "--quiet", "--allow-all", `--junit-path=${report}`];
    if (options.parallel) args.push("--parallel");
    if (options.filter) args.push(`--filter=${options.filter}`);
    const { code } = await runCommand([Deno.execPath(), ...args, folder], { cwd: root });
    const outcome = countJUnit(await Deno.readTextFile(report));
    return code !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome;
  } finally {
    await Deno.remove(report);
  }
}
