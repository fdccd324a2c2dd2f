/**
 * What a workspace costs: the same program on the same directory in a run and in a container with a bind mount.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { Podman } from "./podman.ts";
import { SILO } from "./silo_command.ts";

/** Prints a JSON object of milliseconds; sizes are arguments: files, MiB. */
const PROGRAM = `
import json, os, sys, time
files, mib = int(sys.argv[1]), int(sys.argv[2])
took = {}
def measure(name, work):
    begun = time.monotonic(); work(); took[name] = (time.monotonic() - begun) * 1000
block = os.urandom(1 << 20)
def write():
    with open("big", "wb", 0) as f:
        for _ in range(mib): f.write(block)
def read():
    with open("big", "rb", 0) as f:
        while f.read(1 << 20): pass
def create():
    for i in range(files):
        os.makedirs(f"d/{i % 100}", exist_ok=True)
        with open(f"d/{i % 100}/{i}", "wb") as f: f.write(b"x" * 1500)
def look():
    for top, _, names in os.walk("d"):
        for name in names: os.lstat(os.path.join(top, name))
def read_all():
    for top, _, names in os.walk("d"):
        for name in names: open(os.path.join(top, name), "rb").read()
def remove():
    for top, directories, names in os.walk("d", topdown=False):
        for name in names: os.unlink(os.path.join(top, name))
        os.rmdir(top)
    os.unlink("big")
for name, work in [("write a large file", write), ("read it", read), ("create small files", create),
                   ("lstat them all", look), ("read them all", read_all), ("remove them", remove)]:
    measure(name, work)
open("result.json", "w").write(json.dumps(took))
`;

const FILES = 2_000;
const MEBIBYTES = 256;

/** Prints the milliseconds of each step in both, the median of `count`. */
export async function measureFiles(count: number): Promise<void> {
  const directory = await Deno.makeTempDir({ dir: tmpdir(), prefix: "silo-bench-" });
  const podman = await Podman.of("python");
  try {
    await Deno.writeTextFile(`${directory}/steps.py`, PROGRAM);
    const program = ["python3", "steps.py", String(FILES), String(MEBIBYTES)];
    const inPodman: Record<string, number>[] = [];
    const inSilo: Record<string, number>[] = [];
    for (let i = 0; i < count; i++) {
      await podman.run(program, directory, ["--volume", `${directory}:/workspace`, "--workdir", "/workspace"]);
      inPodman.push(JSON.parse(await Deno.readTextFile(`${directory}/result.json`)));
      const { success } = await new Deno.Command(SILO, {
        args: ["run", "--exec", "python", ...program],
        cwd: directory,
        stdin: "null",
        stdout: "null",
      }).output();
      if (!success) throw new Error("silo run failed");
      inSilo.push(JSON.parse(await Deno.readTextFile(`${directory}/result.json`)));
    }
    console.log(`${FILES} files of 1,500 bytes, a file of ${MEBIBYTES} MiB`);
    for (const step of Object.keys(inSilo[0]!)) {
      const [silo, podman] = [middle(inSilo, step), middle(inPodman, step)];
      const ms = (value: number) => `${value.toFixed(0).padStart(7)} ms`;
      console.log(`${step.padEnd(20)} silo ${ms(silo)}  podman ${ms(podman)}  ratio ${(silo / podman).toFixed(1)}`);
    }
  } finally {
    await podman.remove();
    await Deno.remove(directory, { recursive: true });
  }
}

function middle(samples: readonly Record<string, number>[], step: string): number {
  const sorted = samples.map((sample) => sample[step]!).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
