/** Kill anything at any moment: nothing stays behind, and the next run works. */
import { ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { makeProject, python, siloEnv, spawnSilo, until } from "./harness.ts";
import { findRole, isAlive, listProcesses, processTree, waitsIn } from "./processes.ts";

const MOMENTS = 10;
/** A tool that is busy for some seconds, so that a run that survives (the boot was tried again) comes to its end. */
const BUSY = "import time\nfor i in range(500): print('x', flush=True); time.sleep(0.01)";

/** The directories that runs of this user leave nothing in. */
function runDirectories(): string[] {
  const base = Deno.env.get("XDG_RUNTIME_DIR");
  const home = siloEnv().SILO_HOME ?? join(Deno.env.get("HOME")!, ".silo");
  const roots = [join(home, "run"), join("/tmp", `silo-${Deno.uid()}`), ...(base ? [join(base, "silo")] : [])];
  return roots.flatMap((root) => {
    try {
      return [...Deno.readDirSync(root)].filter((e) => e.name.startsWith("r-")).map((e) => join(root, e.name));
    } catch {
      return [];
    }
  });
}

/** Digest-like picture of the root filesystem cache: names, sizes and times. A sidecar's time is that of the last use. */
function cacheState(): string {
  const home = siloEnv().SILO_HOME ?? join(Deno.env.get("HOME")!, ".silo");
  const entries = [...Deno.readDirSync(join(home, "rootfs"))].map((e) => {
    const info = Deno.statSync(join(home, "rootfs", e.name));
    return `${e.name} ${info.size} ${e.name.endsWith(".json") ? "" : info.mtime?.getTime()}`;
  });
  return entries.sort().join("\n");
}

for (const victim of ["cli", "helper", "qemu"] as const) {
  Deno.test(`SIGKILL to the ${victim} at ${MOMENTS} moments leaves nothing and damages nothing`, async () => {
    using project = makeProject();
    const before = cacheState();
    for (let moment = 0; moment < MOMENTS; moment++) {
      const child = spawnSilo(["run", "python", "-c", BUSY], { cwd: project.path });
      const seen = { bytes: 0 };
      const output = count(child.stdout, seen);
      const errors = drain(child.stderr);
      await until("the victim is there", () => victim === "cli" || findRole(processTree(child.pid), victim));
      // Some die during the boot, some while the tool is busy.
      await pause(moment * 700 * Math.random());
      const tree = processTree(child.pid);
      const target = victim === "cli" ? child.pid : findRole(tree, victim)?.pid;
      const booting = seen.bytes === 0;
      if (target !== undefined) Deno.kill(target, "SIGKILL");
      const status = await child.status;
      // A VM that dies while it boots is tried again: then the run succeeds.
      const codes = victim === "cli" ? [137] : victim === "qemu" && booting ? [0, 125] : [125];
      ok(target === undefined || codes.includes(status.code), `code ${status.code}: ${await errors}`);
      await output;
      const left = () => tree.filter((p) => isAlive(p.pid));
      await until("no process of the run is left", () => left().length === 0, 5_000).catch((error) => {
        throw new Error(`moment ${moment}: ${error.message}; ${left().map(waitsIn).join(", ")}`);
      });
    }
    const next = await python("print('works')");
    eq(next.stdout, "works\n", next.stderr);
    await until("no run directory is left", () => runDirectories().length === 0, 5_000);
    eq(cacheState(), before);
    const mounts = Deno.readTextFileSync("/proc/mounts");
    ok(!mounts.includes("silo-"), mounts);
  });
}

Deno.test("twenty runs at once all succeed", async () => {
  const runs = await Promise.all(
    Array.from(
      { length: 20 },
      (_, i) => python("import sys;print(int(sys.argv[1])**2)", [String(i)], { limitMs: 400_000 }),
    ),
  );
  for (const [i, run] of runs.entries()) {
    eq(run.stdout, `${i * i}\n`, run.stderr);
    eq(run.code, 0);
  }
  ok(!listProcesses().some((p) => p.command.includes("silo-helper") && p.parent === Deno.pid));
});

async function count(stream: ReadableStream<Uint8Array>, into: { bytes: number }): Promise<void> {
  for await (const chunk of stream) into.bytes += chunk.length;
}

async function drain(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

/** The random moment itself is what is tested here; nothing is waited for. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
