/** An install that is killed anywhere leaves a whole tool or none, and the next one works. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { borrowMachine, silo } from "./harness/cli.ts";
import { makeImage, noise, pushImage } from "./harness/images.ts";
import { startRegistry } from "./harness/registry_server.ts";
import { temporaryDirectory } from "./harness/setup.ts";

const SILO = fileURLToPath(new URL("../../../scripts/silo", import.meta.url));

Deno.test("an install that is killed at any moment lists no half tool, and can be repeated", async () => {
  // A tool is listed before its machine is booted and kept: the moments shall be those before that.
  Deno.env.set("SILO_SNAPSHOTS", "off");
  using files = temporaryDirectory();
  using home = temporaryDirectory();
  borrowMachine(home.path);
  const layout = `${files.path}/layout`;
  await makeImage(layout, "big", [{ write: { "bin/x": "#!/bin/sh\n", "var/data": noise(12_000_000, 3) } }]);
  await using registry = await startRegistry(`${files.path}/data`);
  const reference = `${registry.host}/team/big:1`;
  await pushImage(layout, "big", reference);
  const args = ["install", "--image", reference, "--name", "big", "--shim", "x"];

  // The first install also prepares what the next ones find: the second tells how long one takes.
  let whole = 0;
  for (let time = 0; time < 2; time++) {
    const started = performance.now();
    equal((await silo(home.path, args)).code, 0);
    whole = performance.now() - started;
    await silo(home.path, ["uninstall", "big"]);
  }

  // Moments all over the way, the last of them about its end.
  const seen = new Set<number>();
  for (const share of [0.1, 0.3, 0.45, 0.6, 0.75, 0.85, 0.95]) {
    const child = new Deno.Command("setsid", {
      args: ["--wait", SILO, ...args],
      env: { ...Deno.env.toObject(), SILO_HOME: home.path },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await Promise.race([child.status, new Promise((resolve) => setTimeout(resolve, whole * share))]);
    killSession(child.pid);
    await child.status;
    const { code, stdout, stderr } = await silo(home.path, ["list", "--json"]);
    equal(code, 0, stderr);
    const tools = JSON.parse(stdout);
    seen.add(tools.length);
    for (const tool of tools) {
      const rootfs = `${home.path}/${tool.rootfs}`;
      equal(Deno.statSync(rootfs).size, JSON.parse(Deno.readTextFileSync(`${rootfs}.json`)).size);
      ok(Deno.statSync(`${home.path}/bin/x`).isFile); // list writes what is missing
      await silo(home.path, ["uninstall", "big"]);
    }
  }
  ok(seen.has(0), "no kill came before the end");

  equal((await silo(home.path, args)).code, 0);
  equal(JSON.parse((await silo(home.path, ["list", "--json"])).stdout).length, 1);
  await silo(home.path, ["uninstall", "big"]);
  await silo(home.path, ["image", "gc"]);
  const left = ["images/blobs/sha256", "rootfs", "bin"].flatMap((
    name,
  ) => [...Deno.readDirSync(`${home.path}/${name}`)]);
  Deno.env.delete("SILO_SNAPSHOTS");
  deepEqual(left.map(({ name }) => name).filter((name) => !name.endsWith(".lock")), []);
});

/** Everything of the session that setsid made for the child: silo and what it started. */
function killSession(leader: number): void {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const [, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
      if (session === leader || parent === leader || sessionOfChild(leader) === session) {
        Deno.kill(Number(name), "SIGKILL");
      }
    } catch { /* gone */ }
  }
}

/** With --wait, setsid stays and its child leads the session. */
function sessionOfChild(pid: number): number {
  const [child] = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ");
  return Number(child) || pid;
}
