import { deepStrictEqual as same, ok, strictEqual as eq } from "node:assert/strict";
import fc from "fast-check";
import { mergeSettings } from "../../../src/config/config.ts";
import { type PlanInput, planRun } from "../../../src/engine/plan_run.ts";
import { machineSpec, processSpec } from "../../../src/engine/machine_spec.ts";
import { MachineSpec, ProcessSpec } from "../../../src/helper/protocol.ts";
import { planWorkspace } from "../../../src/engine/workspace.ts";
import { fakeHost } from "../support.ts";

const input = (changes: Partial<PlanInput> = {}): PlanInput => ({
  host: fakeHost({ uid: 1000, gid: 1000 }),
  tool: {
    name: "python",
    version: "3.13.5",
    source: "debian",
    image: "sha256:0",
    rootfs: "rootfs/0.ext4",
    environment: ["PATH=/opt/bin:/bin", "LANG=C.UTF-8"],
    shims: [{ name: "python", command: "python3" }],
    installedAt: "2026-01-01T00:00:00Z",
  },
  warm: ["python3", "-c", "pass"],
  machine: {
    kernel: { path: "/k/vmlinux", release: "6.1" },
    initrd: "/k/initrd",
    linux: {
      scratch: { template: "/k/scratch.ext4", sizeMiB: 8192 },
      qemu: ["/usr/bin/qemu"],
      mke2fs: ["/usr/sbin/mke2fs"],
    },
    guest: { path: "/opt/silo-guest", size: 1, modified: 1 },
  },
  workspace: planWorkspace({ root: "/home/me/app", inside: "src" }, {}, () => "nothing"),
  settings: mergeSettings([]),
  mounts: [],
  files: [],
  venv: undefined,
  identity: {},
  argv: ["python3", "app.py"],
  user: "host",
  variables: () => undefined,
  ...changes,
});

const variable = (plan: ReturnType<typeof planRun>, name: string) =>
  plan.process.env.find((entry) => typeof entry === "string" && entry.startsWith(`${name}=`));

Deno.test("the project is shared, and the working directory kept inside it", () => {
  const plan = planRun(input());
  same(plan.mounts, [{ tag: "workspace", hostPath: "/home/me/app", guestPath: "/workspace", readOnly: false }]);
  eq(plan.process.cwd, "/workspace/src");
});

Deno.test("without a workspace nothing is shared, and the program starts in its home", () => {
  const plan = planRun(input({ workspace: null }));
  same(plan.mounts, []);
  eq(plan.process.cwd, "/home/silo");
});

Deno.test("the program runs as the person, or as root of the sandbox; files belong to the person", () => {
  same(planRun(input()).process.user, { uid: 1000, gid: 1000, groups: [] });
  const plan = planRun(input({ user: "root" }));
  same(plan.process.user, { uid: 0, gid: 0, groups: [] });
  eq(plan.owner.uid, 1000);
  eq(variable(plan, "HOME"), "HOME=/root");
});

Deno.test("of the image: its groups and, where no project is shared, its directory; never its user", () => {
  const process = { entrypoint: [], command: [], directory: "/srv", groups: [0, 29] };
  const tool = { ...input().tool, process };
  const plan = planRun(input({ tool, workspace: null }));
  same(plan.process.user, { uid: 1000, gid: 1000, groups: [0, 29] });
  eq(plan.process.cwd, "/srv");
  eq(variable(plan, "HOME"), "HOME=/home/silo");
  eq(planRun(input({ tool })).process.cwd, "/workspace/src");
  same(planRun(input({ tool, user: "root" })).process.user, { uid: 0, gid: 0, groups: [] });
  eq(
    planRun(input({ tool: { ...tool, process: { ...process, directory: "" } }, workspace: null })).process.cwd,
    "/home/silo",
  );
});

Deno.test("each stream that is a terminal here is one there; full only if stdin and stdout are", () => {
  const plan = (stdin: boolean, stdout: boolean, stderr: boolean) =>
    planRun(input({ host: fakeHost({ terminals: { stdin, stdout, stderr } }) })).process;
  eq(plan(false, false, false).terminal, null);
  same(plan(true, true, true).terminal, { mode: "full" });
  same(plan(true, true, false).terminal, { mode: "full" });
  same(plan(true, false, true).terminal, { mode: "cooked" });
  same(plan(false, true, true).terminal, { mode: "cooked" });
  same(plan(true, false, true).stdio, { stdin: "terminal", stdout: "pipe", stderr: "terminal" });
});

Deno.test("resources come from the settings, else from sane defaults", () => {
  const { machine } = planRun(input());
  same([machine.cpus, machine.memoryMiB, machine.scratch?.sizeMiB], [4, 2048, 8192]);
  const settings = mergeSettings([{ resources: { cpus: 1, memoryMB: 512, rootfsSizeMB: 100 } }]);
  const other = planRun(input({ settings })).machine;
  same([other.cpus, other.memoryMiB, other.scratch?.sizeMiB], [1, 512, 100]);
});

Deno.test("of the host's environment only what was declared reaches the sandbox", () => {
  const host: Record<string, string> = {
    SECRET: "s",
    TERM: "xterm",
    NAMED: "n",
    COLORTERM: "truecolor",
    HOME: "/home/me",
  };
  const variables = (name: string) => host[name];
  const settings = mergeSettings([{ env: { FIXED: "f" }, passEnv: ["NAMED", "UNSET"] }]);
  const quiet = planRun(input({ variables, settings }));
  same([...quiet.process.env].sort(), [
    "FIXED=f",
    "HOME=/home/silo",
    "LANG=C.UTF-8",
    "LOGNAME=silo",
    "NAMED=n",
    "PATH=/opt/bin:/bin",
    "SHELL=/bin/sh",
    "USER=silo",
  ]);
  const terminals = { stdin: true, stdout: true, stderr: true };
  const loud = planRun(input({ variables, settings, host: fakeHost({ terminals }) }));
  eq(variable(loud, "TERM"), "TERM=xterm");
  eq(variable(loud, "COLORTERM"), "COLORTERM=truecolor");
  eq(variable(loud, "SECRET"), undefined);
});

Deno.test("a variable that is not text is passed on byte for byte", () => {
  const settings = mergeSettings([{ passEnv: ["RAW"] }]);
  const plan = planRun(input({ settings, variables: (name) => name === "RAW" ? { base64: "/2E=" } : undefined }));
  ok(plan.process.env.some((entry) => typeof entry !== "string" && entry.base64 === btoa("RAW=\xffa")));
});

Deno.test("every plan is a message that the helper's schema accepts", () => {
  const terminals = fc.record({ stdin: fc.boolean(), stdout: fc.boolean(), stderr: fc.boolean() });
  const argument = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", ""));
  fc.assert(fc.property(terminals, fc.array(argument), fc.boolean(), (terminals, args, root) => {
    const plan = planRun(input({
      host: fakeHost({ terminals, uid: 1000, gid: 1000 }),
      argv: ["python3", ...args],
      user: root ? "root" : "host",
    }));
    MachineSpec.parse(machineSpec(plan, "/run/silo/r-0", "/run/silo/r-0/data"));
    const sent = ProcessSpec.parse(JSON.parse(JSON.stringify(processSpec(plan, { rows: 24, columns: 80 }))));
    same(sent.argv, ["python3", ...args]);
  }));
});

Deno.test("each platform's driver gets what it reads, and nothing of the other's", () => {
  const { linux: parts, ...common } = input().machine;
  const on = (machine: PlanInput["machine"]) => machineSpec(planRun(input({ machine })), "/r", "/r/d");
  const linux = MachineSpec.parse(on({ ...common, ...(parts && { linux: parts }) }));
  ok(linux.linux !== undefined && linux.scratch !== null && !("apple" in linux));
  const macos = MachineSpec.parse(on(common));
  same(macos.apple, { agent: "/opt/silo-guest" });
  ok(macos.scratch === null && !("linux" in macos));
  const settings = mergeSettings([{ resources: { rootfsSizeMB: 100 } }]);
  const sized = MachineSpec.parse(machineSpec(planRun(input({ machine: common, settings })), "/r", "/r/d"));
  same([sized.apple, sized.scratch], [{ agent: "/opt/silo-guest", scratchMiB: 100 }, null]);
});

Deno.test("programs in the caches are found after the image's own, and a virtual environment's before them", () => {
  const path = ["/var/cache/silo/project/programs/bin"];
  eq(variable(planRun(input({ path })), "PATH"), "PATH=/opt/bin:/bin:/var/cache/silo/project/programs/bin");
  eq(
    variable(planRun(input({ path, venv: ".venv" })), "PATH"),
    "PATH=/workspace/.venv/bin:/opt/bin:/bin:/var/cache/silo/project/programs/bin",
  );
  eq(variable(planRun(input()), "PATH"), "PATH=/opt/bin:/bin");
});
