/**
 * What a workspace costs: the same program on the same directory in a run and in a container with a bind mount.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { BENCH_TOOL, benchTool } from "./bench_tool.ts";
import { makeProject, SIZES } from "./files_project.ts";
import { Podman } from "./podman.ts";
import { SILO } from "./silo_command.ts";
import { summarize } from "./statistics.ts";

/** Times commands, so that starts are not counted, and writes their milliseconds to `result.json`. */
const PROGRAM = `
import json, os, subprocess, time
took = {}
def measure(name, work):
    begun = time.monotonic(); work(); took[name] = (time.monotonic() - begun) * 1000
def run(*command): subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
def write():
    block = os.urandom(1 << 20)
    with open("big", "wb", 0) as file:
        for _ in range(${SIZES.mebibytes}): file.write(block)
def read():
    with open("big", "rb", 0) as file:
        while file.read(1 << 20): pass
measure("write 1 GiB", write)
measure("read 1 GiB", read)
os.environ.update(HOME="/tmp", GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
run("git", "-C", "repository", "update-index", "-q", "--refresh")
measure("git status, 10,000 files", lambda: run("git", "-C", "repository", "status", "--porcelain"))
measure("npm ci", lambda: run("npm", "ci", "--prefix", "app", "--offline", "--cache", "cache", "--ignore-scripts", "--no-audit"))
os.mkdir("unpacked")
measure("unpack 20,000 files", lambda: run("tar", "-xf", "small.tar", "-C", "unpacked", "--no-same-owner"))
measure("remove them", lambda: run("rm", "-r", "unpacked"))
json.dump(took, open("result.json", "w"))
`;

/** Says each time that a file's content is another than before. */
const WATCHER = `
last = b""
while True:
    now = open("edited", "rb").read()
    if now != last: last = now; print(now.decode(), flush=True)
    if now == b"end": break
`;

const EDITS = 100;

/** Prints the median milliseconds of each step in both, and how long a host's edit takes to be read in a run. */
export async function measureFiles(count: number): Promise<void> {
  await using _tool = await benchTool();
  const directory = await Deno.makeTempDir({ dir: tmpdir(), prefix: "silo-bench-" });
  const podman = await Podman.of(BENCH_TOOL);
  try {
    const took: Record<"silo" | "podman", Record<string, number>[]> = { silo: [], podman: [] };
    for (let i = 0; i < count; i++) {
      for (const side of ["podman", "silo"] as const) {
        // Fresh for each: what the one leaves is not for the other to find.
        const project = `${directory}/${side}`;
        await makeProject(project);
        await Deno.writeTextFile(`${project}/steps.py`, PROGRAM);
        const command = ["python3", "steps.py"];
        if (side === "silo") await runInSilo(project, command);
        else await podman.run(command, project, ["--volume", `${project}:/workspace`, "--workdir", "/workspace"]);
        took[side].push(JSON.parse(await Deno.readTextFile(`${project}/result.json`)));
        await Deno.remove(project, { recursive: true });
      }
    }
    for (const step of Object.keys(took.silo[0]!)) {
      const [silo, podman] = [took.silo, took.podman].map((all) => summarize(all.map((one) => one[step]!)).median);
      const ms = (value: number) => `${value.toFixed(0).padStart(7)} ms`;
      const ratio = (silo! / podman!).toFixed(1).padStart(6);
      console.log(`${step.padEnd(25)} silo ${ms(silo!)}  podman ${ms(podman!)}  ratio ${ratio}`);
    }
    await measureEdits(directory);
  } finally {
    await podman.remove();
    await Deno.remove(directory, { recursive: true });
  }
}

async function runInSilo(project: string, command: readonly string[]): Promise<void> {
  const args = ["run", "--exec", BENCH_TOOL, ...command];
  const { success } = await new Deno.Command(SILO, { args, cwd: project, stdin: "null", stdout: "null" }).output();
  if (!success) throw new Error("silo run failed");
}

/** From the end of the host's write to the line of a program in the VM that has read it. */
async function measureEdits(directory: string): Promise<void> {
  const project = `${directory}/edits`;
  await Deno.mkdir(project);
  const edit = (content: string) => Deno.writeTextFile(`${project}/edited`, content);
  await edit("start");
  const args = ["run", "--exec", BENCH_TOOL, "python3", "-c", WATCHER];
  const run = new Deno.Command(SILO, { args, cwd: project, stdin: "null", stdout: "piped" }).spawn();
  const lines = run.stdout.pipeThrough(new TextDecoderStream()).getReader();
  await lines.read();
  const took: number[] = [];
  for (let i = 0; i < EDITS; i++) {
    await edit(`edit ${i}`);
    const begun = performance.now();
    await lines.read();
    took.push(performance.now() - begun);
  }
  await edit("end");
  lines.releaseLock();
  await run.status;
  const { median, p99, maximum } = summarize(took);
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  console.log(
    `a host's edit until it was read: median ${ms(median)}, p99 ${ms(p99)}, longest ${ms(maximum)} (target 100)`,
  );
}
