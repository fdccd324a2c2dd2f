/** The VM runs of the isolation tests. Each is made once and serves every test that asks for it. */
import { readFileSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path/posix";
import { spawnSilo } from "../harness.ts";
import { makeHost, type TestHost } from "./host.ts";

/** Seconds that paths are swapped while the guest looks at them. */
const SWAP_SECONDS = 6;
const RUN_LIMIT_MS = 300_000;

// deno-lint-ignore no-explicit-any -- what a script in the guest printed: the tests look at it field by field
type Report = any;
export interface Finding {
  report: Report;
  host: TestHost;
}

let looking: Promise<Finding> | undefined;
let rooting: Promise<Finding> | undefined;

/** The ordinary user's look around; on a host of its own when one is given. */
export function lookAround(given?: TestHost): Promise<Finding> {
  if (given) return look(given);
  return looking ??= look(makeHost());
}

/** The guest's root tries to get further. */
export function tryAsRoot(): Promise<Finding> {
  return rooting ??= (async () => {
    const host = makeHost();
    const args = ["--user", "root", "--mount", `${host.readonly}:/mnt/readonly:ro`];
    return { host, report: await runScript(host, "root.py", args, { readonly: "/mnt/readonly" }) };
  })();
}

async function look(host: TestHost): Promise<Finding> {
  // A process of the host with a canary on its command line, which the guest must not see.
  const marked = new Deno.Command("sh", { args: ["-c", "read line", host.canaries[3]!], stdin: "piped" }).spawn();
  try {
    const args = ["--env", "DECLARED=declared value", "--pass-env", "PASSED"];
    args.push("--mount", `${host.readonly}:/mnt/readonly:ro`, "--mount", `${host.writable}:/mnt/writable`);
    const task = { mounted: ["/mnt/readonly/file", "/mnt/writable/file"] };
    return { host, report: await runScript(host, "look.py", args, task) };
  } finally {
    await marked.stdin.close();
    await marked.status;
  }
}

/** Swaps paths on the host while the guest reads and writes them. */
export async function swapMeanwhile(who: "user" | "root"): Promise<Finding & { swaps: number }> {
  const host = makeHost();
  let swaps = 0;
  let running = true;
  const swapping = async () => {
    const swap = makeSwapper(host);
    while (running) {
      for (let i = 0; i < 50; i++) swap(swaps++);
      await new Promise((resolve) => setTimeout(resolve, 1)); // the run's streams need their turn
    }
  };
  let swapper: Promise<void> | undefined;
  const args = who === "root" ? ["--user", "root", "--mount", `${host.project}:/mnt/second`] : [];
  try {
    const task = { seconds: SWAP_SECONDS, outside: host.outside };
    const report = await runScript(host, "race.py", args, task, () => swapper = swapping());
    return { host, report, swaps };
  } finally {
    running = false;
    await swapper;
  }
}

/** Replaces, by rename alone, a file, a directory and a parent directory by symlinks to the outside, and back. */
function makeSwapper(host: TestHost): (turn: number) => void {
  const base = join(host.project, "swap");
  const at = (name: string) => join(base, name);
  symlinkSync(join(host.outside, "file"), at("file.link"));
  symlinkSync(host.outside, at("directory.link"));
  symlinkSync(host.outside, at("parent.link"));
  const move = (from: string, to: string) => {
    try {
      renameSync(at(from), at(to));
    } catch {
      // the guest has moved or removed it; the next turn goes on with what is there
    }
  };
  return (turn) => {
    const [now, next] = turn % 2 === 0 ? ["real", "link"] : ["link", "real"];
    for (const name of ["file", "directory", "parent"]) {
      move(name, `${name}.${now}`);
      move(`${name}.${next}`, name);
    }
  };
}

/** Runs a script in the guest on the host's project; gives the report it prints. */
async function runScript(
  host: TestHost,
  script: string,
  args: string[],
  task: Record<string, unknown>,
  onReady: () => void = () => {},
): Promise<Report> {
  const halves = host.canaries.map((canary) => [canary.slice(0, 20), canary.slice(20)]);
  const input = JSON.stringify({ canaries: halves, links: host.links, climbs: host.climbs, ...task });
  const source = readFileSync(join(host.project, "isolation", script), "utf8");
  const env = { PASSED: "passed value", NOT_PASSED: host.canaries[2]! };
  const child = spawnSilo(["run", ...args, "python", "-c", source], { cwd: host.project, env });
  const timer = setTimeout(() => child.kill("SIGKILL"), RUN_LIMIT_MS);
  const errors = new Response(child.stderr as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${input}\n`)).catch(() => {});
  await writer.close().catch(() => {});
  let text = "";
  let ready = false;
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (!ready && text.startsWith("ready\n")) {
      ready = true;
      onReady();
    }
  }
  clearTimeout(timer);
  const status = await child.status;
  if (!status.success) throw new Error(`${script} ended with ${status.code}: ${await errors}\n${text.slice(0, 2000)}`);
  return JSON.parse(text.trim().split("\n").at(-1)!);
}
