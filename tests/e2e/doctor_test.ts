/** silo doctor: what works on this host, what does not, why, and how to mend it. */
import { match, ok, strictEqual as eq } from "node:assert/strict";
import { findOwnQemu, hasOwnQemu } from "../../src/debian/toolbox/own_qemu.ts";
import { realHost } from "../../src/host.ts";
import { silo } from "./harness.ts";

Deno.test("doctor says which accelerator is used and why, within seconds", async () => {
  const run = await silo(["doctor", "--json"], { limitMs: 20_000 });
  const report = JSON.parse(run.stdout);
  const text = JSON.stringify(report);
  match(text, /kvm|tcg/i);
  const flags = Deno.readTextFileSync("/proc/cpuinfo").match(/^flags.*$/m)?.[0] ?? "";
  if (!/\b(vmx|svm)\b/.test(flags)) {
    // /dev/kvm may be there and open all the same: it does not work without the processor's help.
    match(text, /emulation/i);
  }
});

Deno.test("doctor's table is for people: aligned, without colour where it is not a terminal", async () => {
  const run = await silo(["doctor"]);
  eq(run.code, 0, run.stdout + run.stderr);
  ok(!run.stdout.includes("\u001b"));
  match(run.stdout, /✓/);
  const [findings = ""] = run.stdout.split("\n\n");
  ok(findings.split("\n").every((line) => /^([✓•✗] | {5}→ )/.test(line)), `no line is broken: ${findings}`);
  match(run.stdout, /kernel/i);
  match(run.stdout, /helper/i);
});

Deno.test({
  name: "runs have silo's own QEMU, and doctor says so",
  ignore: !hasOwnQemu(realHost()),
  fn: async () => {
    eq((await silo(["run", "--exec", "python", "true"])).code, 0);
    const { debian } = findOwnQemu(realHost())!;
    const { findings } = JSON.parse((await silo(["doctor", "--json"])).stdout);
    const { detail } = findings.find(({ name }: { name: string }) => name === "hypervisor");
    ok(detail.endsWith(`, silo's own, of Debian's ${debian}`), detail);
  },
});

Deno.test("a broken kvm is recognised within a second", async () => {
  const started = performance.now();
  const run = await silo(["doctor", "--json"]);
  ok(performance.now() - started < 5_000, `doctor took ${performance.now() - started} ms`);
  ok(run.stdout.length > 0);
});
