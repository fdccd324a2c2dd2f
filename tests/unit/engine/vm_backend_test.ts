/** The whole engine over real sockets and a real helper process, which runs programs of the host instead of machines. */
import { deepStrictEqual as same, match, ok, rejects, strictEqual as eq } from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Exit, MachineKilled, type RunIo } from "../../../src/engine/backend.ts";
import type { RunPlan } from "../../../src/engine/run_plan.ts";
import { vmBackend } from "../../../src/engine/vm_backend.ts";
import { SiloError } from "../../../src/errors.ts";
import { type Asked, fakeHelper, fakeHost, temporaryDirectory } from "../support.ts";
import { somePlan } from "./some_plan.ts";

interface Outcome {
  exit: Exit;
  stdout: Uint8Array;
  stderr: Uint8Array;
  asked: Asked[];
  left: string[];
}

class Collector {
  readonly chunks: Uint8Array[] = [];
  write(data: Uint8Array): Promise<number> {
    this.chunks.push(data.slice());
    return Promise.resolve(data.length);
  }
  bytes(): Uint8Array {
    return new Uint8Array(this.chunks.flatMap((chunk) => [...chunk]));
  }
}

function source(...chunks: Uint8Array[]): RunIo["stdin"] {
  return {
    read(buffer) {
      const chunk = chunks.shift();
      if (chunk === undefined) return Promise.resolve(null);
      buffer.set(chunk);
      return Promise.resolve(chunk.length);
    },
  };
}

async function carryOut(plan: RunPlan, mode = "normal", io: Partial<RunIo> = {}): Promise<Outcome> {
  using directory = temporaryDirectory();
  const helper = fakeHelper(directory.path, mode);
  const [out, err] = [new Collector(), new Collector()];
  const host = fakeHost({ env: { XDG_RUNTIME_DIR: directory.path, PATH: "/usr/bin:/bin" } });
  const running = vmBackend(host, helper.path).start(
    plan,
    { stdin: source(), stdout: out, stderr: err, ...io },
    { started() {}, stopped() {}, timing() {}, attempts() {}, warning() {} },
    null,
  );
  try {
    const exit = await running.exited;
    return { exit, stdout: out.bytes(), stderr: err.bytes(), asked: helper.asked(), left: [] };
  } finally {
    const left = [...Deno.readDirSync(`${directory.path}/silo`)];
    same(left, [], "the run directory is gone");
  }
}

const sh = (script: string) => somePlan({ argv: ["sh", "-c", script] });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("output, errors and the exit code arrive, each on its own way", async () => {
  const { exit, stdout, stderr, asked } = await carryOut(sh("echo out; echo err >&2; exit 7"));
  same(exit, { code: 7 });
  eq(text(stdout), "out\n");
  eq(text(stderr), "err\n");
  same(asked.slice(0, 3).map(({ method }) => method), ["initialize", "machine/start", "process/start"]);
  eq(asked.at(-1)!.method, "machine/stop");
});

Deno.test("stdin reaches the program, and so does its end", async () => {
  const stdin = source(new TextEncoder().encode("a line\n"), new TextEncoder().encode("another\n"));
  const { stdout } = await carryOut(sh("cat; echo end"), "normal", { stdin });
  eq(text(stdout), "a line\nanother\nend\n");
});

Deno.test("a program that ends by a signal says so", async () => {
  same((await carryOut(sh("kill -TERM $$"))).exit, { signal: "SIGTERM", number: 15 });
});

Deno.test("megabytes pass unchanged through a sink that takes little at a time", async () => {
  const hash = createHash("sha256");
  let largest = 0;
  const stdout = {
    write(data: Uint8Array) {
      const count = Math.min(data.length, 10_000);
      largest = Math.max(largest, data.length);
      hash.update(data.subarray(0, count));
      return Promise.resolve(count);
    },
  };
  await carryOut(sh("head -c 5000000 /dev/zero"), "normal", { stdout });
  eq(hash.digest("hex"), createHash("sha256").update(new Uint8Array(5_000_000)).digest("hex"));
  ok(largest <= 256 * 1024);
});

Deno.test("when nobody reads our stdout any more, the program gets SIGPIPE", async () => {
  const stdout = { write: () => Promise.reject(new Deno.errors.BrokenPipe("broken pipe")) };
  same((await carryOut(sh("exec yes"), "normal", { stdout })).exit, { signal: "SIGPIPE", number: 13 });
});

Deno.test("a program that is not there fails with 127", async () => {
  await rejects(carryOut(somePlan({ argv: ["/no/such/program"] })), (error) => (error as SiloError).exitCode === 127);
});

Deno.test("a helper that crashes while the program runs is an error of silo", async () => {
  await rejects(carryOut(sh("sleep 60"), "crash-while-running"), /silo-helper ended with code 7/);
});

Deno.test("a helper that says what is no message is killed, though it would never end, and the reason is told", async () => {
  await rejects(carryOut(sh("sleep 2"), "nonsense"), /silo-helper.*broken: a frame has no Content-Length/);
});

Deno.test("a lost machine is an error with its console", async () => {
  await rejects(carryOut(sh("sleep 60"), "panic"), (error) => {
    match((error as SiloError).message, /panicked/);
    match((error as SiloError).details!, /Kernel panic/);
    return true;
  });
});

Deno.test("a helper of another version is refused", async () => {
  await rejects(carryOut(sh("true"), "old"), /1\.0.*9\.0/);
});

Deno.test("kill() ends the run at once, while the machine boots and while the program runs", async () => {
  for (const mode of ["silent", "normal"]) {
    using directory = temporaryDirectory();
    const helper = fakeHelper(directory.path, mode);
    const host = fakeHost({ env: { XDG_RUNTIME_DIR: directory.path, PATH: "/usr/bin:/bin" } });
    const begun = Promise.withResolvers<void>();
    const io = { stdin: source(), stdout: new Collector(), stderr: new Collector() };
    const running = vmBackend(host, helper.path).start(sh("sleep 60"), io, {
      started: () => begun.resolve(),
      stopped() {},
      timing() {},
      attempts() {},
      warning() {},
    }, null);
    if (mode === "normal") await begun.promise;
    running.kill();
    await rejects(running.exited, MachineKilled);
    same([...Deno.readDirSync(`${directory.path}/silo`)], []);
  }
});

Deno.test("the plan reaches the helper as machine and process", async () => {
  const { asked } = await carryOut(somePlan({ argv: ["true", { base64: "/2E=" }] }));
  const machine = asked.find(({ method }) => method === "machine/start")!.params;
  const process = asked.find(({ method }) => method === "process/start")!.params;
  match(String(machine.dataSocket), /\/silo\/r-[0-9a-f]{8}\/data$/);
  eq(machine.memoryMiB, 512);
  same(process.argv, ["true", { base64: "/2E=" }]);
  eq("terminal" in process, false);
});

Deno.test("output() gives what another program in the same machine prints, as much as was asked for", async () => {
  using directory = temporaryDirectory();
  const helper = fakeHelper(directory.path, "normal");
  const host = fakeHost({ env: { XDG_RUNTIME_DIR: directory.path, PATH: "/usr/bin:/bin" } });
  const begun = Promise.withResolvers<void>();
  const io = { stdin: source(), stdout: new Collector(), stderr: new Collector() };
  const running = vmBackend(host, helper.path).start(sh("sleep 60"), io, {
    started: () => begun.resolve(),
    stopped() {},
    timing() {},
    attempts() {},
    warning() {},
  }, null);
  await begun.promise;
  eq(text((await running.output(["sh", "-c", "printf hello; exit 3"], 100))!), "hello");
  eq((await running.output(["yes"], 10_000))!.length, 10_000);
  running.kill();
  await rejects(running.exited, MachineKilled);
});
