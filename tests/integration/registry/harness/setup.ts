/**
 * What the registry tests share: a filled registry's files, made once a test file, and a host with a home of its own.
 *
 * @module
 */
import type { Host } from "../../../../src/host.ts";
import { ImageStore } from "../../../../src/images/image_store.ts";
import type { Clock } from "../../../../src/images/registry/clock.ts";
import { makeImage, noise, pushImage } from "./images.ts";
import { startRegistry } from "./registry_server.ts";

/** A directory that is removed at the end of its scope. */
export function temporaryDirectory(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "silo-test-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** A registry's files with `team/tool:1` in OCI and `team/docker:1` in Docker media types, of three layers each. */
export async function filledRegistry(directory: string): Promise<string> {
  const [layout, data] = [`${directory}/layout`, `${directory}/data`];
  await makeImage(layout, "tool", [
    { write: { "bin/tool": noise(3_000_000, 1), "etc/gone": "1" } },
    { write: { "opt/data": noise(2_000_000, 2) }, remove: ["etc/gone"] },
    { write: { "opt/more": noise(1_000_000, 3) } },
  ], [
    "--config.env=GREETING=hello",
    "--config.entrypoint=/bin/tool",
    "--config.cmd=--help",
    "--config.user=1000:1000",
  ]);
  await using registry = await startRegistry(data);
  await pushImage(layout, "tool", `${registry.host}/team/tool:1`);
  await pushImage(layout, "tool", `${registry.host}/team/docker:1`, "v2s2");
  return data;
}

/** A host whose home and silo home are in `directory`. */
export function testHost(directory: string, env: Record<string, string> = {}): Host {
  return {
    platform: "linux",
    architecture: "x86_64",
    env: { PATH: Deno.env.get("PATH"), ...env },
    home: directory,
    siloHome: `${directory}/.silo`,
    uid: Deno.uid()!,
    gid: Deno.gid()!,
    cpus: 2,
    pid: Deno.pid,
    terminals: { stdin: false, stdout: false, stderr: false },
    verbosity: "normal",
    cwd: () => directory,
    now: Date.now,
    monotonic: () => performance.now(),
  };
}

export function testStore(directory: string): ImageStore {
  return new ImageStore(`${directory}/images`);
}

/** A clock whose waits take no time and are written down. */
export function quickClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    now: Date.now,
    random: () => 0.5,
    sleep(milliseconds) {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  };
}
