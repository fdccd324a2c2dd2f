/** Machines out of a snapshot: each is itself, none can change the snapshot, and without one everything still works. */
import { match, ok, strictEqual as eq, throws } from "node:assert/strict";
import { join } from "node:path/posix";
import { makeProject, ROOT, silo, siloEnv, spawnSilo, until } from "./harness.ts";
import { findRole, isAlive, listProcesses, processTree } from "./processes.ts";

const CLONES = 50;
/** At once: more would measure the scheduler of a host with two processors. */
const LANES = 1;
const CLOCK_MS = 50;
const HOME = siloEnv().SILO_HOME ?? join(Deno.env.get("HOME")!, ".silo");
const SNAPSHOTS = join(HOME, "snapshots");

/** Whether silo's own QEMU runs the machines, and translates: with KVM there is nothing to keep. */
async function keepsTranslations(): Promise<boolean> {
  const { stdout } = await silo(["doctor"]);
  return /^.*hypervisor +.*silo's own/m.test(stdout) && /^.*virtualization +software/m.test(stdout);
}

/** Whole snapshots by name. */
function snapshots(): string[] {
  return [...Deno.readDirSync(SNAPSHOTS)].filter((e) => e.isDirectory && !e.name.startsWith(".")).map((e) => e.name);
}

/** A machine that no other test has: its snapshot is this test's own. */
class OwnMachine implements Disposable {
  readonly #before = new Set(snapshots());
  constructor(readonly memory: string) {}

  run(...command: string[]) {
    return silo(["run", "--timing", "--memory", this.memory, ...command]);
  }

  /** Its snapshot, once it is made. */
  async snapshot(other?: string): Promise<string> {
    const name = await until(
      "a snapshot is made after a run without one",
      () => snapshots().find((name) => !this.#before.has(name) && inode(name) !== other),
      300_000,
    );
    return join(SNAPSHOTS, name);
  }

  [Symbol.dispose](): void {
    for (const name of snapshots()) {
      if (!this.#before.has(name)) Deno.removeSync(join(SNAPSHOTS, name), { recursive: true });
    }
  }
}

function inode(name: string): string | undefined {
  try {
    return String(Deno.statSync(join(SNAPSHOTS, name)).ino);
  } catch {
    return undefined;
  }
}

Deno.test(`${CLONES} clones of one snapshot have nothing random in common, and the host's clock`, async () => {
  const script = Deno.readTextFileSync(join(ROOT, "tests/e2e/snapshot/unique.py"));
  using project = makeProject({ "unique.py": script });
  const first = await silo(["run", "--timing", "python", "-c", "pass"], { cwd: project.path });
  eq(first.code, 0, first.stderr);
  const seen: Record<string, Set<string>> = {};
  let left = CLONES;
  const lane = async () => {
    while (left-- > 0) {
      const clone = await oneClone(project.path);
      for (const [name, value] of Object.entries(clone.values)) (seen[name] ??= new Set()).add(value);
      ok(clone.clockMs <= CLOCK_MS, `the clock is at least ${clone.clockMs} ms off`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  for (const [name, values] of Object.entries(seen)) eq(values.size, CLONES, name);
  eq(Object.keys(seen).length, 7);
});

/** What one run says of itself, and how far its clock is off at the least, milliseconds. */
async function oneClone(cwd: string): Promise<{ values: Record<string, string>; clockMs: number }> {
  const child = spawnSilo(["run", "python", "unique.py"], { cwd });
  const lines = readLines(child.stdout);
  const values = JSON.parse((await lines.next()).value!);
  const input = child.stdin.getWriter();
  let clockMs = Infinity;
  // The guest read its clock at some time between the question and the answer.
  for (let i = 0; i < 5; i++) {
    const asked = Date.now();
    await input.write(new TextEncoder().encode("?\n"));
    const clock = Number((await lines.next()).value);
    clockMs = Math.min(clockMs, Math.max(0, asked - clock, clock - Date.now()));
  }
  await input.close();
  await child.stderr.cancel();
  eq((await child.status).code, 0);
  return { values, clockMs };
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

Deno.test("a run restores its snapshot; whoever takes its QEMU over can read the snapshot and not write it", async () => {
  using machine = new OwnMachine("521");
  const cold = await machine.run("--exec", "python", "true");
  match(cold.stderr, /silo: boot /);
  const snapshot = await machine.snapshot();
  // What QEMU has of it as files, and the rights of its views of them.
  const files = [{ path: join(snapshot, "memory"), rights: "rw-p" }];
  if (await keepsTranslations()) files.push({ path: join(snapshot, "translations"), rights: "r.[-x]p" });
  const stamps = () => JSON.stringify(files.map(({ path }) => Deno.statSync(path)));
  const before = stamps();

  const child = spawnSilo(["run", "--timing", "--memory", machine.memory, "--exec", "python", "cat"], {});
  const output = child.stdout.getReader();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode("up\n"));
  await output.read();
  const qemu = findRole(processTree(child.pid), "qemu")!.pid;
  const allMaps = Deno.readTextFileSync(`/proc/${qemu}/maps`).split("\n");
  for (const { path, rights } of files) {
    const maps = allMaps.filter((line) => line.endsWith(path));
    ok(maps.length > 0 && maps.every((line) => line.match(`^\\S+ ${rights} `)), `${path}: ${maps.join("\n")}`);
  }
  // The same user, QEMU's own view of the files, and every way in: its path, and the descriptors it holds.
  const ways = files.map(({ path }) => `/proc/${qemu}/root${path}`);
  for (const { name } of Deno.readDirSync(`/proc/${qemu}/fd`)) {
    const target = Deno.readLinkSync(`/proc/${qemu}/fd/${name}`);
    if (files.some(({ path }) => path === target)) ways.push(`/proc/${qemu}/fd/${name}`);
  }
  for (const way of ways) {
    ok(Deno.openSync(way, { read: true }).close() === undefined);
    // Its mode says read-only, the mount says that the mode stays.
    throws(() => Deno.chmodSync(way, 0o600), /os error 30/, way);
    throws(() => Deno.openSync(way, { read: true, write: true }), /os error (13|30)/, way);
  }
  await input.close();
  output.releaseLock();
  const stderr = new Response(child.stderr as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  eq((await child.status).code, 0);
  match(await stderr, /silo: restore /);
  eq(stamps(), before);
});

Deno.test("a damaged snapshot means a cold boot and a new one, and a killed maker leaves nothing", async () => {
  using machine = new OwnMachine("522");
  await machine.run("--exec", "python", "true");
  // The maker dies at a random moment, and with it its QEMU.
  const maker = await until("a maker is at work", () => makers()[0], 60_000);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 2_000));
  const tree = processTree(maker);
  Deno.kill(maker, "SIGKILL");
  await until("its QEMU is gone", () => tree.every((process) => !isAlive(process.pid)), 5_000);

  eq((await machine.run("--exec", "python", "true")).code, 0);
  const snapshot = await machine.snapshot();
  const number = String(Deno.statSync(snapshot).ino);
  ok(![...Deno.readDirSync(SNAPSHOTS)].some((e) => e.name.startsWith(`.${snapshot.split("/").at(-1)}.tmp-`)));

  Deno.chmodSync(join(snapshot, "state"), 0o600);
  using file = Deno.openSync(join(snapshot, "state"), { write: true });
  file.seekSync(1000, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array([1, 2, 3, 4]));
  const damaged = await machine.run("--exec", "python", "true");
  eq(damaged.code, 0, damaged.stderr);
  match(damaged.stderr, /silo: boot /);
  await machine.snapshot(number);
  match((await machine.run("--exec", "python", "true")).stderr, /silo: restore /);
});

/** Processes that make snapshots of 522 MiB. */
function makers(): number[] {
  const all = listProcesses();
  const ours = all.filter((p) => p.program.startsWith("qemu") && p.command.includes("size=522M,"));
  const parents = ours.map(({ pid }) => {
    for (let at = all.find((p) => p.pid === pid); at; at = all.find((p) => p.pid === at!.parent)) {
      if (at.command.includes("--make-snapshot")) return at.pid;
    }
    return 0;
  });
  return parents.filter((pid) => pid > 0);
}
