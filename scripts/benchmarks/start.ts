/**
 * How long it takes until a program has run: out of a snapshot, from cold, and in a container of the same image.
 *
 * @module
 */
import { Podman } from "./podman.ts";
import { elapsed, PROJECT, SILO } from "./silo_command.ts";
import { type Row, table } from "./ratio_table.ts";

/** A cold boot takes ten times as long: that many fewer of them. */
const COLD_SHARE = 4;
const WARM_UP = 2;

/** What `--check` compares, with limits that a loaded machine keeps, too. */
export const CHECKED: readonly { name: string; of: string; limit: number }[] = [
  { name: "silo true", of: "cold true", limit: 0.15 },
  { name: "silo python -c pass", of: "cold python -c pass", limit: 0.3 },
];

/** Prints medians and 99th percentiles of `count` runs of each, taken in turn, and their ratios. */
export async function measureStarts(count: number, check = false): Promise<void> {
  const podman = check ? undefined : await Podman.of("python");
  const samples = new Map<string, number[]>();
  const take = async (name: string, run: () => Promise<number>, keep: boolean) => {
    const ms = await run();
    if (keep) samples.set(name, [...samples.get(name) ?? [], ms]);
  };
  try {
    for (let i = -WARM_UP; i < count; i++) {
      if (podman) await take("podman true", () => podman.run(["true"], PROJECT), i >= 0);
      if (podman) await take("podman python -c pass", () => podman.run(["python3", "-c", "pass"], PROJECT), i >= 0);
      await take("silo true", () => silo(["--exec", "python", "true"]), i >= 0);
      await take("silo python -c pass", () => silo(["python", "-c", "pass"]), i >= 0);
      if (i < 0 || i % COLD_SHARE !== 0) continue;
      await take("cold true", () => silo(["--exec", "python", "true"], true), true);
      await take("cold python -c pass", () => silo(["python", "-c", "pass"], true), true);
    }
  } finally {
    await podman?.remove();
  }
  const targets: Row[] = [
    ...(podman ? [{ name: "silo true", of: "podman true", limit: 1.5 }] : []),
    { name: "silo true", of: "cold true", limit: 0.08 },
    { name: "silo python -c pass", of: "cold python -c pass", limit: 0.2 },
  ];
  console.log(table(samples, targets));
  if (podman) console.log("Where KVM works the target against podman is 0.7.");
  if (!check) return;
  const broken = CHECKED.filter(({ name, of, limit }) => median(samples, name) / median(samples, of) > limit);
  for (const { name, of, limit } of broken) console.error(`bench: ${name} takes more than ${limit} of ${of}`);
  if (broken.length > 0) Deno.exit(1);
}

function silo(args: readonly string[], cold = false): Promise<number> {
  return elapsed([SILO, "run", ...args], { cwd: PROJECT, env: cold ? { SILO_SNAPSHOTS: "off" } : {} });
}

function median(samples: ReadonlyMap<string, number[]>, name: string): number {
  const sorted = [...samples.get(name)!].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
