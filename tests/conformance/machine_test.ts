/** The helper under test with a real machine: the one that silo itself would start for an installed tool. */
import { deepStrictEqual as same, ok } from "node:assert/strict";
import { planRun } from "../../src/engine/plan_run.ts";
import { machineSpec } from "../../src/engine/machine_spec.ts";
import { mergeSettings } from "../../src/config/config.ts";
import { realHost } from "../../src/host.ts";
import { withScratchOf } from "../../src/machine/scratch_of_size.ts";
import { readInstalled } from "../../src/tools/installed.ts";
import { readyMachine } from "../../src/tools/ready_machine.ts";
import { HelperUnderTest } from "./helper.ts";
import { machineSteps } from "./machine_steps.ts";
import { MachineUnderTest, type Template } from "./machine.ts";

const host = realHost();
const tool = readInstalled(host).get("python") ?? [...readInstalled(host).values()][0];

/** From cold: what a snapshot brings back has tests of its own. `roomMiB`: as a person sets it. */
async function template(roomMiB?: number): Promise<Template> {
  const machine = await withScratchOf(roomMiB, await readyMachine(host), host);
  const plan = planRun({
    host,
    tool: tool!,
    warm: [],
    machine,
    workspace: null,
    settings: mergeSettings([{ resources: roomMiB === undefined ? {} : { rootfsSizeMB: roomMiB } }]),
    mounts: [],
    argv: ["true"],
    user: "host",
    variables: () => undefined,
  });
  const spec = machineSpec({ ...plan, machine: { ...plan.machine, snapshots: null } }, "/unused", "/unused");
  const { runDirectory: _, dataSocket: __, shares: ___, ...rest } = spec;
  return rest;
}

Deno.test({
  name: "a machine does what the protocol says, from its start to its end",
  ignore: tool === undefined,
  async fn(t) {
    await using machine = await MachineUnderTest.start(await template());
    await machineSteps(t, machine, Deno.build.arch);
  },
});

Deno.test({
  name: "a helper whose input ends while its machine boots is gone within seconds, with all that it made",
  ignore: tool === undefined,
  async fn() {
    const runDirectory = await Deno.makeTempDir({ dir: "/tmp", prefix: "silo-c-" });
    await using helper = await HelperUnderTest.greeted();
    await helper.post("machine/start", {
      ...await template(),
      runDirectory,
      dataSocket: `${runDirectory}/data`,
      shares: [],
    });
    await helper.notification("progress");
    await helper.hangUp();
    same(await helper.exit(), 0);
    same([...Deno.readDirSync(runDirectory)], []);
    await Deno.remove(runDirectory);
  },
});

if (tool === undefined) {
  console.log("no tool is installed, so no machine was started: silo install python --from debian");
}

Deno.test({
  name: "what a program writes has the room that was asked for, and no more",
  ignore: tool === undefined,
  async fn() {
    await using machine = await MachineUnderTest.start(await template(128));
    // MiB; file systems are made in whole groups of blocks, and keep some of them.
    const { stdout } = await machine.run(["sh", "-c", "df -Pk / | tail -n 1"]);
    const size = Number(stdout.trim().split(/ +/)[1]) / 1024;
    ok(size > 96 && size <= 256, stdout);
    const full = await machine.run(["sh", "-c", "head -c 400000000 /dev/zero > /tmp/large"]);
    ok(full.exit.code !== 0 && /No space left/.test(full.stderr), JSON.stringify(full));
  },
});
