/** `scripts/bench NAME [--count N]`: one measurement; without a name, the list. */
import { measureBoots } from "./boots.ts";
import { measureLsp } from "./lsp.ts";
import { measureNetwork } from "./network.ts";
import { measureFiles } from "./files.ts";
import { measureBootable, measurePull, measureUnpack } from "./images.ts";
import { measureMemory } from "./memory.ts";
import { measurePath } from "./path.ts";
import { measureStarts } from "./start.ts";
import { measureStdio } from "./stdio.ts";

const BENCHMARKS: Record<string, { about: string; count: number; run: (count: number) => Promise<void> }> = {
  boots: { about: "cold boots: how many came up, in how many tries, how long", count: 20, run: measureBoots },
  network: { about: "the way out of a VM: latency, throughput, 500 connections", count: 200, run: measureNetwork },
  start: { about: "snapshot, cold and podman starts, and their ratios", count: 20, run: (n) => measureStarts(n) },
  check: { about: "snapshot starts against cold ones, with limits: fails over them", count: 5, run: checkStarts },
  path: { about: "from silo's exec to its helper's, against an empty Deno program", count: 20, run: measurePath },
  memory: { about: "what each idle run costs (PSS), this many at once", count: 10, run: measureMemory },
  stdio: { about: "MB/s out of a run, against a plain pipe", count: 3, run: measureStdio },
  files: { about: "the workspace, against a container with a bind mount", count: 3, run: measureFiles },
  pull: { about: "a 200 MB image from loopback, against skopeo copy: time, peak memory", count: 5, run: measurePull },
  unpack: { about: "the layers of that image, against umoci unpack: time, peak memory", count: 5, run: measureUnpack },
  bootable: { about: "layers to bootable, against umoci unpack and mke2fs -d", count: 5, run: measureBootable },
  lsp: { about: "a language server's message on its way through silo", count: 10_000, run: measureLsp },
};

function checkStarts(count: number): Promise<void> {
  return measureStarts(count, true);
}

const [first, ...rest] = Deno.args;
const name = first === "--check" ? "check" : first;
const benchmark = name === undefined ? undefined : BENCHMARKS[name];
if (!benchmark) {
  console.log("usage: scripts/bench NAME [--count N]\n");
  for (const [key, { about, count }] of Object.entries(BENCHMARKS)) {
    console.log(`  ${key.padEnd(10)}${about} (${count})`);
  }
  Deno.exit(name === undefined || name === "--help" ? 0 : 2);
}
const at = rest.indexOf("--count");
const count = at < 0 ? benchmark.count : Number(rest[at + 1]);
if (!Number.isInteger(count) || count < 1) {
  console.error(`bench: --count takes a whole number from 1, not ${rest[at + 1]}`);
  Deno.exit(2);
}
await benchmark.run(count);
