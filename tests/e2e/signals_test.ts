/** Signals reach the tool; a second interrupt stops the VM at once. */
import { ok, strictEqual as eq } from "node:assert/strict";
import { spawnSilo, until } from "./harness.ts";
import { isAlive, processTree } from "./processes.ts";

const WAIT_FOR_SIGNAL = `
import signal, sys, time
def handler(number, frame):
    print(signal.Signals(number).name, flush=True)
    sys.exit(7)
signal.signal(getattr(signal, sys.argv[1]), handler)
print("ready", flush=True)
time.sleep(600)
`;
const IGNORE_INT = `
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
`;

/** Starts a script in the sandbox and returns when it has printed "ready". */
async function startReady(source: string, ...args: string[]) {
  const child = spawnSilo(["run", "python", "-c", source, ...args]);
  const seen = { out: "", err: "" };
  const collect = async (from: ReadableStream<Uint8Array>, to: "out" | "err") => {
    for await (
      const chunk of from.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
    ) {
      seen[to] += chunk;
    }
  };
  const done = Promise.all([collect(child.stdout, "out"), collect(child.stderr, "err")]);
  await until("the script is ready", () => seen.out.includes("ready\n"));
  return { child, seen, done };
}

for (const name of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGQUIT"] as const) {
  Deno.test(`${name} reaches the tool, which may handle it`, async () => {
    const { child, seen, done } = await startReady(WAIT_FOR_SIGNAL, name);
    child.kill(name);
    const status = await child.status;
    await done;
    eq(seen.out, `ready\n${name}\n`);
    eq(status.code, 7, seen.err);
  });
}

for (const [name, number] of [["SIGTERM", 15], ["SIGHUP", 1]] as const) {
  Deno.test(`a tool killed by ${name} ends the run as the signal would`, async () => {
    const { child, done } = await startReady('import time;print("ready",flush=True);time.sleep(600)');
    child.kill(name);
    const status = await child.status;
    await done;
    ok(status.signal === name || status.code === 128 + number, JSON.stringify(status));
  });
}

Deno.test("the second interrupt within two seconds stops the VM at once", async () => {
  const { child, done } = await startReady(IGNORE_INT);
  const tree = processTree(child.pid);
  child.kill("SIGINT");
  const ended = { yes: false };
  child.status.then(() => ended.yes = true);
  await until("the first interrupt has been taken", () => true);
  const started = performance.now();
  // The two signals must be two: the second goes out once the first is no longer pending.
  await until("the first interrupt is no longer pending", () => !isPending(child.pid, 2));
  child.kill("SIGINT");
  const status = await child.status;
  await done;
  ok(performance.now() - started < 2_000, "took too long");
  ok(status.code === 130 || status.signal === "SIGINT", JSON.stringify(status));
  await until("nothing of the run is left", () => tree.every((p) => !isAlive(p.pid)), 5_000);
});

Deno.test("an interrupt while the VM boots ends the run at once", async () => {
  const child = spawnSilo(["run", "python", "-c", "print('never')"]);
  await until("QEMU is there", () => processTree(child.pid).some((p) => p.command.includes("qemu-system")));
  const tree = processTree(child.pid);
  const started = performance.now();
  child.kill("SIGINT");
  const [status, out] = await Promise.all([
    child.status,
    new Response(child.stdout as ReadableStream<Uint8Array<ArrayBuffer>>).text(),
    new Response(child.stderr as ReadableStream<Uint8Array<ArrayBuffer>>).text(),
  ]);
  ok(performance.now() - started < 2_000, "took too long");
  eq(out, "");
  ok(status.code === 130 || status.signal === "SIGINT", JSON.stringify(status));
  await until("nothing of the run is left", () => tree.every((p) => !isAlive(p.pid)), 5_000);
});

/** Whether a signal waits to be delivered to the process. */
function isPending(pid: number, number: number): boolean {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const mask = /^ShdPnd:\s+([0-9a-f]+)/m.exec(status)?.[1] ?? "0";
  return (BigInt(`0x${mask}`) & (1n << BigInt(number - 1))) !== 0n;
}
