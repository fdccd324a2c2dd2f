import { join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { summarize, type Summary } from "./statistics.ts";

const SILO = join(fileURLToPath(import.meta.url), "../../silo");
/** Shared with each VM: the checkout itself is never shared. */
const PROJECT = join(fileURLToPath(import.meta.url), "../../../examples/hello");
/** A run that takes longer than this counts as hung. */
const LIMIT_MS = 180_000;
const SHOWN_FAILURES = 5;

/**
 * Boots a fresh VM `count` times, runs `python -c pass` in it, and says how many came up, how many needed a second try,
 * and how long the whole command took (milliseconds).
 */
export async function measureBoots(count: number): Promise<void> {
  const times: number[] = [];
  const failures: string[] = [];
  let retried = 0;
  for (let i = 1; i <= count; i++) {
    const started = performance.now();
    const { code, stderr } = await bootOnce();
    if (code === 0) times.push(performance.now() - started);
    else failures.push(`boot ${i}: code ${code}: ${stderr.trim().split("\n").at(-1)}`);
    if (/attempts? *[:=] *[2-9]|attempt [2-9]/.test(stderr)) retried++;
    if (Deno.stdout.isTerminal()) Deno.stdout.writeSync(new TextEncoder().encode(`\r${i}/${count}`));
  }
  console.log(`\nboots ${count}, came up ${times.length}, needed a second try ${retried}, failed ${failures.length}`);
  if (times.length > 0) console.log(formatSummary(summarize(times)));
  for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(failure);
  if (failures.length > 0) Deno.exit(1);
}

async function bootOnce(): Promise<{ code: number; stderr: string }> {
  const args = ["run", "--timing", "python", "-c", "pass"];
  const child = new Deno.Command(SILO, {
    args,
    cwd: PROJECT,
    env: { SILO_SNAPSHOTS: "off" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const { code, stderr } = await child.output();
  clearTimeout(timer);
  return { code, stderr: new TextDecoder().decode(stderr) };
}

function formatSummary({ minimum, median, p99, maximum }: Summary): string {
  const ms = (value: number) => `${Math.round(value)} ms`;
  return `whole command: minimum ${ms(minimum)}, median ${ms(median)}, p99 ${ms(p99)}, maximum ${ms(maximum)}`;
}
