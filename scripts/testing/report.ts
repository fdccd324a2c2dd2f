/** Counts what the test runners report, and prints it the way a person and a script can read it. */

export interface Outcome {
  passed: number;
  failed: number;
}

export interface StepResult extends Outcome {
  name: string;
  seconds: number;
}

/** Reads a JUnit report (`deno test --junit-path`, `swift test --xunit-output`): test cases, less those not run. */
export function countJUnit(xml: string): Outcome {
  const cases = xml.match(/<testcase\b[^>]*?(?:\/>|>[^]*?<\/testcase>)/g) ?? [];
  let failed = 0;
  let skipped = 0;
  for (const one of cases) {
    if (/<(failure|error)\b/.test(one)) failed++;
    else if (/<skipped\b/.test(one)) skipped++;
  }
  return { passed: cases.length - failed - skipped, failed };
}

/** A row a step, then the one line that CI reads: `N passed, N failed`. */
export function formatSummary(steps: StepResult[]): string {
  const width = Math.max(...steps.map((s) => s.name.length));
  const rows = steps.map((s) =>
    `  ${s.failed ? "✗" : "✓"} ${s.name.padEnd(width)}  ${String(s.passed).padStart(5)} passed  ${
      String(s.failed).padStart(3)
    } failed  ${s.seconds.toFixed(1).padStart(7)} s`
  );
  const total = sum(steps);
  return `${rows.join("\n")}\n\n${total.passed} passed, ${total.failed} failed`;
}

export function sum(steps: Outcome[]): Outcome {
  return steps.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), {
    passed: 0,
    failed: 0,
  });
}
