/**
 * Root in the guest takes over the agent's own channel (`pidfd_getfd` on the first process) and speaks to the helper
 * as it likes. Whatever it says: the run ends, in bounded time and memory, with silo's own clear message, and nothing
 * of the guest's words reaches the terminal as a control sequence.
 */
import { match, ok, strictEqual as eq } from "node:assert/strict";
import { silo, spawnSilo, until } from "./harness.ts";
import { findRole, peakResidentMiB, processTree } from "./processes.ts";

/** Python in the guest: finds the channel among the descriptors of the first process, and names the frame's fields. */
const TAKE_CHANNEL = `
import ctypes, os, re, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
pidfd = libc.syscall(434, 1, 0)
def channel():
    for name in os.listdir("/proc/1/fd"):
        if re.match(r"^/dev/vport", os.readlink("/proc/1/fd/" + name)):
            return libc.syscall(438, pidfd, int(name), 0)
    raise SystemExit("no channel found")
fd = channel()
os.set_blocking(fd, True)
def frame(kind, stream, payload=b"", flags=0, reserved=0, length=None):
    return struct.pack("<BBHII", kind, flags, reserved, stream, len(payload) if length is None else length) + payload
def send(data):
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view):]
        except BlockingIOError:
            time.sleep(0.001)
def control(kind, body=b""):
    return frame(1, 0, struct.pack("<H", kind) + body)
def text(data):
    return struct.pack("<I", len(data)) + data
`;

function attack(source: string) {
  return silo(["run", "--user", "root", "python", "-c", `${TAKE_CHANNEL}\n${source}\ntime.sleep(60)`], {
    limitMs: 60_000,
  });
}

type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** The run was ended by silo, with one message that is clean and says that the guest broke the protocol. */
function endedCleanly(run: Awaited<ReturnType<typeof attack>>): void {
  eq(run.code, 125, run.stdout + run.stderr);
  match(run.stderr, /^silo: /);
  match(run.stderr, /protocol|sandbox|VM/);
  // deno-lint-ignore no-control-regex
  ok(!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(run.stderr), JSON.stringify(run.stderr));
}

const BREACHES: [string, string][] = [
  ["noise instead of frames", "send(os.urandom(65536))"],
  ["a frame longer than any may be", "send(frame(3, 1, b'', length=0xffffffff))"],
  ["data on a stream that never was", "send(frame(3, 4242, b'x'))"],
  ["more data than the credit allows", "send(b''.join(frame(3, 3, b'x' * 65536) for _ in range(64)))"],
  ["reserved bits", "send(frame(3, 1, b'', reserved=1))"],
  ["a control message of an unknown kind", "send(control(999))"],
  ["a control message that never ends", "[send(frame(1, 0, b'A' * 65536, flags=1)) for _ in range(64)]"],
  ["the end of a program that was never started", "send(control(105, struct.pack('<IBB', 7, 0, 0)))"],
  ["a start that it was not asked for", "send(control(103, struct.pack('<II', 1, 5)))"],
  ["an exit in a way that does not exist", "send(control(105, struct.pack('<IBB', 1, 9, 0)))"],
  ["credit that nobody has used", "send(frame(4, 3, struct.pack('<I', 0xffffffff)))"],
  ["more streams than may be", "send(b''.join(frame(2, 2 * i, b'x') for i in range(1, 200)) + frame(2, 2, b'x'))"],
  ["a second greeting", "send(control(101, struct.pack('<I', 1) + text(b'x') + text(b'y')))"],
];

for (const [what, source] of BREACHES) {
  Deno.test(`the guest sends ${what}: the run ends with a clear message`, async () => {
    endedCleanly(await attack(source));
  });
}

Deno.test("control sequences in the guest's messages do not reach the terminal", async () => {
  const run = await attack(`send(control(107, text(b"\\x1b]52;c;ZXZpbA==\\x07\\x1b[2J\\x9b31mevil")))`);
  endedCleanly(run);
});

Deno.test("a flood of messages neither fills memory nor stops the user from ending the run", async () => {
  const source =
    `${TAKE_CHANNEL}\nprint("flooding", flush=True)\nnotice = control(108, text(b"n" * 4000))\nwhile True: send(notice)`;
  const child = spawnSilo(["run", "--user", "root", "python", "-c", source]);
  const seen = { out: "" };
  const reading = (async () => {
    for await (const chunk of child.stdout) seen.out += new TextDecoder().decode(chunk);
  })();
  const errors = new Response(child.stderr as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  await until("the flood", () => seen.out.includes("flooding"));
  const helper = findRole(processTree(child.pid), "helper");
  const started = performance.now();
  let ended = false;
  child.status.then(() => ended = true);
  await until("some seconds of flood, or an end by silo itself", () => ended || performance.now() - started > 3_000);
  if (!ended) {
    ok(peakResidentMiB(helper!.pid) < 64, "the helper grew");
    ok(peakResidentMiB(child.pid) < 300, "silo grew");
    child.kill("SIGINT");
    await until("the first interrupt", () => performance.now() - started > 3_200);
    if (!ended) child.kill("SIGINT");
  }
  await until("the end", () => ended, 5_000);
  await reading;
  ok((await errors).length < 100_000, "silo repeated the flood");
});

Deno.test("streams opened without end, by a guest that reads no answer, cost bounded memory and end the run", async () => {
  const source =
    `${TAKE_CHANNEL}\nprint("flooding", flush=True)\nat = 2\nwhile True:\n send(b"".join(frame(2, n, b"x") for n in range(at, at + 8192, 2)))\n at += 8192`;
  const child = spawnSilo(["run", "--user", "root", "python", "-c", source]);
  const output = Promise.all([child.stdout, child.stderr].map((stream) => new Response(stream as Stream).text()));
  const helper = await until("the helper", () => findRole(processTree(child.pid), "helper"));
  let peak = 0;
  let ended = false;
  child.status.then(() => ended = true);
  const started = performance.now();
  await until("an end, or some seconds", () => {
    try {
      peak = Math.max(peak, peakResidentMiB(helper.pid));
    } catch { /* it has just ended */ }
    return ended || performance.now() - started > 15_000;
  });
  if (!ended) child.kill("SIGINT"), child.kill("SIGINT");
  await until("the end", () => ended, 5_000);
  await output;
  ok(peak < 256, `the helper took ${peak} MiB`);
});

Deno.test("a guest that keeps saying that its program was stopped stops nobody for ever", async () => {
  const run = await attack(
    `for _ in range(200): send(control(106, struct.pack('<IB', 1, 20)))\nprint("over", flush=True)\nos._exit(7)`,
  );
  eq(run.code, 7, run.stderr);
  eq(run.stdout, "over\n");
});

Deno.test("a flooded console costs neither disk nor memory", async () => {
  const source =
    `import os\nfd = os.open("/dev/kmsg", os.O_WRONLY)\nfor i in range(20000): os.write(fd, b"<0>" + b"k" * 900)\nprint("done")`;
  const child = spawnSilo(["run", "--user", "root", "python", "-c", source]);
  const [out, err, status] = await Promise.all([
    new Response(child.stdout as ReadableStream<Uint8Array<ArrayBuffer>>).text(),
    new Response(child.stderr as ReadableStream<Uint8Array<ArrayBuffer>>).text(),
    child.status,
  ]);
  eq(out, "done\n", err);
  eq(status.code, 0);
  ok(!err.includes("kkkk"));
});

Deno.test("a guest that powers off, or panics, in the middle of a run is told as what it is", async () => {
  const off = await silo([
    "run",
    "--user",
    "root",
    "python",
    "-c",
    "open('/proc/sysrq-trigger','w').write('o');import time;time.sleep(60)",
  ]);
  eq(off.code, 125);
  match(off.stderr, /^silo: /);
  const panic = await silo([
    "run",
    "--user",
    "root",
    "python",
    "-c",
    "open('/proc/sysrq-trigger','w').write('c');import time;time.sleep(60)",
  ]);
  eq(panic.code, 125);
  match(panic.stderr, /^silo: [^]*panic/);
});
