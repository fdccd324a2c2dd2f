/**
 * Runs every test of the project and ends with the line `N passed, N failed`.
 *
 * `run_tests.ts [setup] [lint] [unit] [swift] [conformance] [integration] [e2e] [bench] [--filter TEXT]`: the named suites, all of them without a name.
 * Exit code 0 if nothing failed, else 1.
 */
import { join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { formatSummary, type Outcome, type StepResult, sum } from "./report.ts";
import { runLint } from "./lint.ts";
import { runDenoTests } from "./deno_tests.ts";
import { runSwiftTests } from "./swift_tests.ts";
import { runCommand } from "./run_command.ts";

const ROOT = join(fileURLToPath(import.meta.url), "../../..");
const SUITES = ["setup", "lint", "unit", "swift", "conformance", "integration", "e2e", "bench"] as const;
type Suite = typeof SUITES[number];

const filterAt = Deno.args.indexOf("--filter");
const filter = filterAt < 0 ? undefined : Deno.args[filterAt + 1];
const named = Deno.args.filter((_, i) => filterAt < 0 || (i !== filterAt && i !== filterAt + 1));
const unknown = named.filter((name) => !(SUITES as readonly string[]).includes(name));
if (unknown.length > 0) {
  console.error(`test: no suite is called ${unknown.join(", ")}; there are ${SUITES.join(", ")}`);
  Deno.exit(2);
}
const chosen = named.length > 0 ? named as Suite[] : [...SUITES];
// These run the programs: a checkout that was never set up is set up first.
const needsPrograms = ["conformance", "integration", "e2e", "bench"].some((suite) => chosen.includes(suite as Suite));
if (needsPrograms && !chosen.includes("setup") && !await exists(join(ROOT, "build/silo-helper"))) {
  chosen.unshift("setup");
}

/** What a newcomer types is the set-up of the tests, so it is a test itself; here with the QEMU that silo is made for. */
async function runSetup(): Promise<Outcome> {
  console.log("With silo's own QEMU, which takes some three minutes to build where it is not there yet.");
  const { code } = await runCommand([join(ROOT, "scripts/quickstart"), "--build-qemu"], { cwd: ROOT });
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
}

/** Ratios of starts, with limits that a loaded machine keeps. */
async function runBench(): Promise<Outcome> {
  const { code } = await runCommand([join(ROOT, "scripts/bench"), "--check", "--count", "4"], { cwd: ROOT });
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

const runners: Record<Suite, () => Promise<Outcome>> = {
  setup: runSetup,
  lint: () => runLint(ROOT),
  unit: () => runDenoTests(ROOT, "tests/unit", { parallel: true, filter }),
  swift: () => runSwiftTests(ROOT),
  // The helper protocol, against the helper that was built.
  conformance: () => runDenoTests(ROOT, "tests/conformance", { parallel: false, filter }),
  // Real servers on loopback.
  integration: () => runDenoTests(ROOT, "tests/integration", { parallel: false, filter }),
  // Real micro-VMs.
  e2e: () => runDenoTests(ROOT, "tests/e2e", { parallel: false, filter }),
  bench: runBench,
};

const results: StepResult[] = [];
for (const suite of chosen) {
  console.log(`\n━━ ${suite} ${"━".repeat(70 - suite.length)}`);
  const started = performance.now();
  const outcome = await runners[suite]();
  results.push({ name: suite, ...outcome, seconds: (performance.now() - started) / 1000 });
  // Without a set-up nothing after it says anything.
  if (suite === "setup" && outcome.failed > 0) break;
}
console.log(`\n${formatSummary(results)}`);
Deno.exit(sum(results).failed > 0 ? 1 : 0);
