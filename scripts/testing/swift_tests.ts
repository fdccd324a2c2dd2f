import { join } from "node:path/posix";
import { countJUnit, type Outcome, sum } from "./report.ts";
import { runCommand } from "./run_command.ts";

/**
 * `swift test`, counted by its two reports: XCTest writes the file that is asked for, Swift Testing one beside it.
 * A build that breaks counts as a failure.
 */
export async function runSwiftTests(root: string): Promise<Outcome> {
  const directory = await Deno.makeTempDir({ prefix: "swift-tests-" });
  try {
    const report = join(directory, "report.xml");
    const command = [join(root, "scripts/swift"), "test", "--quiet", "--package-path", join(root, "swift-helper")];
    const { code } = await runCommand([...command, "--parallel", "--xunit-output", report], { cwd: root });
    const outcomes: Outcome[] = [];
    for await (const entry of Deno.readDir(directory)) {
      outcomes.push(countJUnit(await Deno.readTextFile(join(directory, entry.name))));
    }
    const outcome = sum(outcomes);
    return code !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
