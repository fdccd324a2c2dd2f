/** What unit tests share: a host made up for the test, and the fake helper as a program. */
import type { Host } from "../../src/host.ts";

/** A host that has nothing of the real one but the platform and the ids. */
export function fakeHost(changes: Partial<Host> = {}): Host {
  return {
    platform: "linux",
    architecture: "x86_64",
    env: { PATH: "/usr/bin:/bin" },
    home: "/home/me",
    siloHome: "/home/me/.silo",
    uid: Deno.uid() ?? 1000,
    gid: Deno.gid() ?? 1000,
    cpus: 8,
    pid: Deno.pid,
    terminals: { stdin: false, stdout: false, stderr: false },
    verbosity: "normal",
    cwd: () => "/home/me/app",
    now: Date.now,
    monotonic: () => performance.now(),
    ...changes,
  };
}

/** A directory that is gone at the end of the test (`using`). */
export function temporaryDirectory(): { path: string } & Disposable {
  const path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "silo-unit-" }));
  return { path, [Symbol.dispose]: () => removeTree(path) };
}

/** silo does not wait for its helper to end, and a helper that ends may still write to its log. */
function removeTree(path: string): void {
  for (let left = 20;; left--) {
    try {
      return Deno.removeSync(path, { recursive: true });
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ENOTEMPTY" || left === 0) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

/** A program at `directory`/helper that behaves as tests/fixtures/fake_helper.ts describes; its log is `directory`/log. */
export function fakeHelper(directory: string, mode: string): { path: string; asked: () => Asked[] } {
  const script = new URL("../fixtures/fake_helper.ts", import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const [path, log] = [`${directory}/helper`, `${directory}/log`];
  const denoDir = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  const command = `"${Deno.execPath()}" run --quiet --no-check --allow-all --config "${config}"`;
  Deno.writeTextFileSync(
    path,
    `#!/bin/sh\nexport DENO_DIR="${denoDir}"\nexec ${command} "${script}" ${mode} "${log}"\n`,
  );
  Deno.chmodSync(path, 0o755);
  const asked = () => Deno.readTextFileSync(log).trimEnd().split("\n").map((line) => JSON.parse(line) as Asked);
  return { path, asked };
}

/** A request that the fake helper got. */
export interface Asked {
  readonly method: string;
  readonly params: Record<string, unknown>;
}
