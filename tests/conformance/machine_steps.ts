/**
 * What every machine has to do, whatever boots it and whatever processor it has: steps of one test in one machine. They
 * need a POSIX shell and `stty` in the guest.
 *
 * @module
 */
import { deepStrictEqual as same, match, ok } from "node:assert/strict";
import { MachineStartResult } from "../../src/helper/protocol.ts";
import type { MachineUnderTest } from "./machine.ts";

const sh = (script: string) => ["sh", "-c", script];
const PIPES = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;
const TERMINAL = {
  stdio: { stdin: "terminal", stdout: "terminal", stderr: "terminal" } as const,
  terminal: { rows: 24, columns: 80, mode: "full" as const },
};

export async function machineSteps(t: Deno.TestContext, machine: MachineUnderTest, machineName: string): Promise<void> {
  const step = async (name: string, body: () => Promise<void>) => void await t.step(name, body);

  await step("it tells how it came up", async () => {
    MachineStartResult.parse(machine.started);
    same((await machine.run(["uname", "-rm"])).stdout, `${machine.started.kernel} ${machineName}\n`);
  });

  await step("output, errors and the exit code arrive apart and whole", async () => {
    const { exit, stdout, stderr } = await machine.run(sh("echo out; echo err >&2; exit 7"));
    same({ exit, stdout, stderr }, { exit: { code: 7 }, stdout: "out\n", stderr: "err\n" });
  });

  await step("a megabyte goes in and comes out, and its end is the end of input", async () => {
    const input = new TextEncoder().encode("0123456789abcdef".repeat(65_536));
    const { exit, stdout } = await machine.run(["cat"], { stdio: PIPES }, input);
    same([exit, stdout.length, stdout.slice(-16)], [{ code: 0 }, input.length, "0123456789abcdef"]);
  });

  await step("arguments, environment and directory are what was asked for, byte for byte", async () => {
    const { stdout } = await machine.run(["sh", "-c", 'printf "%s|" "$@"; env', "sh", "", "a b", "--", "*", "ü"], {
      env: ["PATH=/usr/bin:/bin", "ONLY=this"],
      cwd: "/",
    });
    match(stdout, /^\|a b\|--\|\*\|ü\|/);
    const names = stdout.slice(stdout.lastIndexOf("|") + 1).split("\n").map((line) => line.split("=")[0]);
    same(names.filter((name) => !["PWD", "SHLVL", "_", "OLDPWD", ""].includes(name!)).sort(), ["ONLY", "PATH"]);
    const bytes = await machine.run(["sh", "-c", 'printf %s "$1" | od -An -tx1', "sh", { base64: "/4A=" } as never]);
    same(bytes.stdout.trim(), "ff 80");
  });

  await step("the program runs as the person, in the share, and both sides see one file", async () => {
    await Deno.writeTextFile(`${machine.project}/from-host`, "host\n");
    const { stdout } = await machine.run(sh("id -u; id -g; cat from-host; echo guest > from-guest"));
    same(stdout, `${Deno.uid()}\n${Deno.gid()}\nhost\n`);
    same(await Deno.readTextFile(`${machine.project}/from-guest`), "guest\n");
    same((await Deno.stat(`${machine.project}/from-guest`)).uid, Deno.uid());
  });

  await step("there is no network interface but lo", async () => {
    same((await machine.run(sh("ls /sys/class/net"))).stdout, "lo\n");
  });

  await step("a program that is not there, that may not run, a directory that is not there", async () => {
    const missing = await machine.process(["no-such-program"]);
    same([missing.answer.error.code, missing.answer.error.data.errno, missing.answer.error.data.stage], [
      -32020,
      2,
      "exec",
    ]);
    await Deno.writeTextFile(`${machine.project}/not-executable`, "");
    const refused = await machine.process(["./not-executable"]);
    same([refused.answer.error.data.errno, refused.answer.error.data.stage], [13, "exec"]);
    const nowhere = await machine.process(["true"], { cwd: "/no/such/directory" });
    same([nowhere.answer.error.data.errno, nowhere.answer.error.data.stage], [2, "chdir"]);
  });

  await step("signals go by name, and one that ends it comes back by name", async () => {
    const trap = await machine.process(sh('trap "echo caught; exit 5" USR1; echo ready; while :; do sleep 0.1; done'));
    await trap.prints("ready");
    same((await trap.signal("SIGUSR1")).result, {});
    same(await trap.end().then(({ exit, stdout }) => [exit, stdout]), [{ code: 5 }, "ready\ncaught\n"]);
    const killed = await machine.process(sh("echo ready; exec sleep 60"));
    await killed.prints("ready");
    await killed.signal("SIGKILL");
    same((await killed.end()).exit, { signal: "SIGKILL", number: 9 });
    same((await killed.signal("SIGTERM")).result, {}, "a signal to what has ended is no error");
  });

  await step("a terminal has the size that it was given, and is told of another", async () => {
    const script = 'stty size; until [ "$(stty size)" = "50 132" ]; do sleep 0.1; done; stty size';
    const process = await machine.process(sh(script), TERMINAL);
    await process.prints("24 80");
    same((await process.resize(50, 132)).result, {});
    match((await process.end()).terminal, /^24 80\r\n50 132\r\n$/);
  });

  await step("Ctrl-C typed at the terminal ends the foreground program", async () => {
    const process = await machine.process(sh("echo ready; exec sleep 60"), TERMINAL);
    await process.prints("ready");
    const keys = (await process.stdin)!;
    await keys.write(new Uint8Array([3]));
    same((await process.end()).exit, { signal: "SIGINT", number: 2 });
  });

  await step("processes at the same time do not disturb one another", async () => {
    const runs = Array.from({ length: 8 }, (_, i) => machine.run(sh(`echo ${i}; exit ${i}`)));
    same(
      (await Promise.all(runs)).map(({ exit, stdout }) => [exit.code, stdout.trim()]),
      runs.map((_, i) => [i, `${i}`]),
    );
  });

  await step("a number is given once", async () => {
    const process = await machine.process(["true"]);
    await process.end();
    const again = await machine.helper.request("process/start", {
      process: process.number,
      argv: ["true"],
      env: [],
      cwd: "/",
      user: { uid: 0, gid: 0, groups: [] },
      stdio: { stdin: "null", stdout: "null", stderr: "null" },
    });
    same(again.error.code, -32013);
  });

  await step("it stops within two seconds, and leaves nothing in its run directory", async () => {
    await machine.process(sh("trap '' TERM INT HUP; echo ready; while :; do sleep 1; done")).then((p) =>
      p.prints("ready")
    );
    const before = performance.now();
    same((await machine.helper.request("machine/stop", {})).result, {});
    ok(performance.now() - before < 2_500);
    same([...Deno.readDirSync(machine.runDirectory)].map(({ name }) => name), ["data"]);
    const late = await machine.helper.request("process/start", {
      process: 1_000,
      argv: ["true"],
      env: [],
      cwd: "/",
      user: { uid: 0, gid: 0, groups: [] },
      stdio: { stdin: "null", stdout: "null", stderr: "null" },
    });
    same(late.error.code, -32012);
  });
}
