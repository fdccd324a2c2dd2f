/** `scripts/bench NAME [--count N]`: one measurement; without a name, the list. */
import { measureBoots } from "./boots.ts";
import { measureLsp } from "./lsp.ts";
import { measureNetwork } from "./network.ts";
import { measurePull, measureUnpack } from "./images.ts";

const BENCHMARKS: Record<string, { about: string; count: number; run: (count: number) => Promise<void> }> = {
  boots: { about: "cold boots: how many came up, in how many tries, how long", count: 20, run: measureBoots },
  network: { about: "the way out of a VM: latency, throughput, 500 connections", count: 200, run: measureNetwork },
  pull: { about: "a 200 MB image from loopback, against skopeo copy: time, peak memory", count: 5, run: measurePull },
  unpack: { about: "the layers of that image, against umoci unpack: time, peak memory", count: 5, run: measureUnpack },
  lsp: { about: "a language server's message on its way through silo", count: 10_000, run: measureLsp },
};

const [name, ...rest] = Deno.args;
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
