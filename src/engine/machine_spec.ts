/**
 * From a run plan to the helper's `MachineSpec` and `ProcessSpec`: a change of words, no decisions.
 *
 * @module
 */
import type { Params } from "../helper/protocol.ts";
import type { WindowSize } from "./backend.ts";
import type { MachinePlan, RunPlan, SnapshotPlan } from "./run_plan.ts";
import type { StagedFiles } from "./stage_files.ts";

/** The number of the one process of a run. */
export const PROCESS = 1;

/** Parameters of `machine/start`. `authority` is one (PEM) that the guest trusts in this run alone. */
export function machineSpec(
  plan: RunPlan,
  runDirectory: string,
  dataSocket: string,
  staged?: StagedFiles,
  authority?: string,
): Params<"machine/start"> {
  const { processes } = plan.machine;
  return {
    runDirectory,
    dataSocket,
    kernel: { path: plan.image.kernel, initrd: plan.image.initrd },
    rootfs: { path: plan.image.rootfs, ...(plan.image.copy === undefined ? {} : { copy: plan.image.copy }) },
    scratch: plan.machine.scratch,
    cpus: plan.machine.cpus,
    memoryMiB: plan.machine.memoryMiB,
    shares: [
      ...plan.mounts.map(({ tag, hostPath, guestPath, readOnly }) => ({ tag, hostPath, guestPath, readOnly })),
      // As a whole the directory is seen nowhere, so its own place means nothing.
      ...(staged === undefined ? [] : [
        { tag: "files", hostPath: staged.hostPath, guestPath: "/", readOnly: true, files: [...staged.files] },
      ]),
    ],
    guest: {
      hostname: "silo",
      workspace: plan.workspace,
      user: { ...plan.owner },
      ...(plan.covered.length > 0 && { covered: [...plan.covered] }),
      ...(processes !== null && { processes }),
    },
    ...(plan.network === null
      ? {}
      : { network: { certificates: plan.network.certificates, ...(authority !== undefined && { authority }) } }),
    ...(plan.sshAgent === null ? {} : { sshAgent: true }),
    ...(plan.ports.auto || plan.ports.offer ? { watchPorts: true } : {}),
    boot: plan.machine.boot,
    ...driverSpec(plan.machine),
  };
}

/** What only the platform's own driver reads. */
function driverSpec(machine: MachinePlan): Pick<Params<"machine/start">, "linux" | "apple"> {
  if (machine.apple !== undefined) return { apple: { ...machine.apple } };
  const snapshots = machine.snapshots === null ? {} : { snapshots: snapshotSpec(machine.snapshots) };
  const { qemu, stateDirectory } = machine;
  return { linux: { qemu: [...qemu], accelerator: "auto", stateDirectory, ...snapshots } };
}

function snapshotSpec({ directory, warm }: SnapshotPlan) {
  return warm === null ? { directory } : { directory, warm: { argv: [...warm.argv], env: [...warm.env] } };
}

/** Parameters of `process/start`. */
export function processSpec(plan: RunPlan, size: WindowSize | null): Params<"process/start"> {
  const { argv, env, cwd, user, stdio, terminal } = plan.process;
  return {
    process: PROCESS,
    argv: [...argv],
    env: [...env],
    cwd,
    user: { ...user, groups: [...user.groups] },
    stdio,
    ...(terminal === null ? {} : { terminal: { ...(size ?? { rows: 24, columns: 80 }), mode: terminal.mode } }),
  };
}
