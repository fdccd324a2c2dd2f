/** A day without a network: what is installed works, what needs one says so in one clear error, and nothing hangs. */
import { match, ok, strictEqual as eq } from "node:assert/strict";
import { inClosedNetwork } from "../network/closed_network.ts";

type Answer = { code: number; stdout: string; stderr: string; seconds: number };

/** A machine's start under emulation, and the patience of a package manager. */
const PATIENCE_SECONDS = 120;

Deno.test("offline: tools run and build, and pip, add, install and sync say what could not be reached", async (t) => {
  const answers = await inClosedNetwork("../sessions/offline.ts", []) as Record<string, Answer>;
  const said = (name: string) => `${name}: ${answers[name]!.stdout}${answers[name]!.stderr}`;

  await t.step("what is installed runs, and builds that need no network are made", () => {
    eq(answers.run!.stdout, "at work\n", said("run"));
    eq(answers.build!.code, 0, said("build"));
    eq(answers.built!.stdout, "built\n", said("built"));
    for (const name of ["list", "doctor"]) eq(answers[name]!.code, 0, said(name));
  });
  await t.step("a package manager's own words, and silo's about what it means", () => {
    ok(![0, 125].includes(answers.pip!.code), said("pip"));
    match(
      answers.pip!.stderr,
      /^silo: this machine could not reach:\n {2}pypi\.org:443: host pypi\.org was not found/m,
    );
  });
  await t.step("a build that needs packages keeps nothing and names the mirror", () => {
    eq(answers.add!.code, 125, said("add"));
    match(
      answers.add!.stderr,
      /this machine could not reach:\n *deb\.debian\.org:80: host deb\.debian\.org was not found/,
    );
    eq(answers.add!.stdout, "");
  });
  for (const name of ["install", "sync"]) {
    await t.step(`silo ${name} says what it could not reach`, () => {
      eq(answers[name]!.code, 125, said(name));
      const last = answers[name]!.stderr.split("\n").filter((line) => line.startsWith("silo:"));
      eq(last.length, 1, said(name));
      match(last[0]!, /could not pull .*docker\.io/, said(name));
    });
  }
  await t.step("nothing hangs", () => {
    for (const [name, { seconds }] of Object.entries(answers)) ok(seconds < PATIENCE_SECONDS, `${name}: ${seconds} s`);
  });
});
