import { join } from "node:path/posix";
import type { Outcome } from "./report.ts";
import { runCommand } from "./run_command.ts";

/** Formatting, linting and types of everything in the checkout; each check counts as one test. */
export async function runLint(root: string): Promise<Outcome> {
  const deno = Deno.execPath();
  const swift = join(root, "scripts/swift");
  const checks: [string, string[]][] = [
    ["deno fmt", [deno, "fmt", "--quiet", "--check"]],
    ["deno lint", [deno, "lint", "--quiet"]],
    ["deno check", [deno, "check", "--quiet", "main.ts", "src", "tests", "scripts"]],
    ["swift format lint", [
      swift,
      "format",
      "lint",
      "--strict",
      "--recursive",
      "swift-helper/Sources",
      "swift-helper/Tests",
      "swift-helper/macos-stubs",
    ]],
    // What only a Mac builds, against interface stubs.
    ["typecheck-macos", [join(root, "scripts/typecheck-macos")]],
  ];
  let failed = 0;
  for (const [name, command] of checks) {
    const { code } = await runCommand(command, { cwd: root });
    console.log(`${code === 0 ? "ok" : "FAILED"}  ${name}`);
    if (code !== 0) failed++;
  }
  return { passed: checks.length - failed, failed };
}
