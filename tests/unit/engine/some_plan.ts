/** A run plan for tests that care about one part of it. */
import { NO_PORTS } from "../../../src/engine/ports/plan_ports.ts";
import type { ProcessPlan, RunPlan } from "../../../src/engine/run_plan.ts";

export function somePlan(process: Partial<ProcessPlan> = {}): RunPlan {
  return {
    tool: "python",
    image: { rootfs: "/home/me/.silo/rootfs/a.ext4", kernel: "/k", initrd: "/i" },
    machine: {
      processes: null,
      cpus: 1,
      memoryMiB: 512,
      scratch: null,
      boot: { timeoutMs: 5_000, attempts: 1 },
      qemu: ["/usr/bin/qemu"],
      stateDirectory: "/home/me/.silo/state",
      snapshots: null,
    },
    files: [],
    covered: [],
    timeoutMs: null,
    mounts: [],
    network: null,
    ports: NO_PORTS,
    sshAgent: null,
    process: {
      argv: ["true"],
      env: ["PATH=/usr/bin:/bin"],
      cwd: "/workspace",
      user: { uid: 1000, gid: 1000, groups: [] },
      stdio: { stdin: "pipe", stdout: "pipe", stderr: "pipe" },
      terminal: null,
      ...process,
    },
    owner: { uid: 1000, gid: 1000, name: "silo", home: "/home/silo", shell: "/bin/sh" },
    workspace: "/workspace",
  };
}
