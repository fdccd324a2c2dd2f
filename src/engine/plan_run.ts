/**
 * From what is known to a run plan. Pure: everything that had to be looked up is in {@link PlanInput}.
 *
 * @module
 */
import { DEFAULT_MEMORY_MB, type MergedSettings } from "../config/config.ts";
import type { Identity } from "../config/git.ts";
import type { ByteString } from "../helper/byte_string.ts";
import type { Host } from "../host.ts";
import type { Machine } from "../machine/machine_file.ts";
import type { InstalledTool } from "../tools/installed.ts";
import { guestEnvironment, type HostVariables } from "./guest_environment.ts";
import { networkEnvironment } from "./network_environment.ts";
import type { NetworkPlan } from "./network_plan.ts";
import { withHooks } from "./hooks.ts";
import { planPorts } from "./ports/plan_ports.ts";
import type { FilePlan, MountPlan, OwnerPlan, ProcessPlan, RunPlan } from "./run_plan.ts";
import { planSshAgent } from "./ssh_agent/plan_ssh_agent.ts";
import { WORKSPACE, type WorkspacePlan } from "./workspace.ts";

/** The guest agent's socket for ssh (`SSHAgentSocket` in swift-helper/). */
const GUEST_SSH_AGENT = "/run/silo/ssh-agent.sock";

const MAX_DEFAULT_CPUS = 4;
/** A cold boot under software emulation takes about 4 s; a machine under load may take several times that. */
const BOOT = { timeoutMs: 60_000, attempts: 2 };

export interface PlanInput {
  readonly host: Pick<Host, "env" | "platform" | "uid" | "gid" | "cpus" | "siloHome" | "terminals">;
  readonly tool: InstalledTool;
  /** What the tool's definition says is a cheap start of it; empty: nothing is. */
  readonly warm: readonly string[];
  readonly machine: Pick<Machine, "kernel" | "initrd" | "linux" | "guest">;
  /** Null if no project is shared. */
  readonly workspace: WorkspacePlan | null;
  readonly settings: MergedSettings;
  readonly mounts: readonly MountPlan[];
  /** Directories of programs in the sandbox, on PATH after the image's own. */
  readonly path?: readonly string[] | undefined;
  readonly files?: readonly FilePlan[] | undefined;
  /** The name of the project's virtual environment. */
  readonly venv?: string | undefined;
  readonly identity?: Identity | undefined;
  readonly argv: readonly ByteString[];
  readonly user: "host" | "root";
  readonly variables: HostVariables;
  /** null: none. Absent: the same. */
  readonly network?: NetworkPlan | null;
  /** What stands in the environment for each secret. Absent: there are none. */
  readonly placeholders?: Readonly<Record<string, string>>;
}

/** Decides everything about a run. */
export function planRun(input: PlanInput): RunPlan {
  const { host, tool, machine, settings } = input;
  const owner = ownerOf(host.uid, host.gid);
  const user = input.user === "root" ? ownerOf(0, 0) : owner;
  const { stdio, terminal } = stdioPlan(host.terminals);
  const { workspace } = input;
  const { linux } = machine;
  const at = workspace?.mount.guestPath ?? WORKSPACE;
  const sshAgent = planSshAgent(settings.passSshAgent, input.variables);
  const env = guestEnvironment({
    image: tool.environment,
    owner: user,
    hasTerminal: terminal !== null,
    identity: input.identity,
    path: input.path,
    venv: input.venv && `${at}/${input.venv}`,
    passEnv: settings.passEnv,
    env: settings.env,
    network: networkEnvironment(input.network ?? null),
    fixed: { ...input.placeholders, ...(sshAgent === null ? {} : { SSH_AUTH_SOCK: GUEST_SSH_AGENT }) },
    host: input.variables,
  });
  return {
    tool: tool.name,
    image: { rootfs: `${host.siloHome}/${tool.rootfs}`, kernel: machine.kernel.path, initrd: machine.initrd },
    machine: {
      cpus: settings.resources.cpus ?? Math.min(host.cpus, MAX_DEFAULT_CPUS),
      memoryMiB: settings.resources.memoryMB ?? DEFAULT_MEMORY_MB,
      processes: settings.resources.processes ?? null,
      // On macOS the machine runs on a clone of the root file system, which is its writable layer if no size is set.
      scratch: linux === undefined ? null : {
        directory: `${host.siloHome}/scratch`,
        sizeMiB: settings.resources.rootfsSizeMB ?? linux.scratch.sizeMiB,
        template: linux.scratch.template,
      },
      boot: BOOT,
      qemu: linux?.qemu ?? [],
      stateDirectory: `${host.siloHome}/state`,
      // Apple's framework saves and restores no Linux machine. The variable: a way to compare, and around a snapshot that makes trouble.
      snapshots: linux === undefined || host.env.SILO_SNAPSHOTS === "off" ? null : {
        directory: `${host.siloHome}/snapshots`,
        warm: input.warm.length === 0 ? null : { argv: input.warm, env: warmEnvironment(input, owner) },
      },
      ...(linux === undefined ? { apple: applePlan(machine, settings) } : {}),
    },
    mounts: [...workspace === null ? [] : [workspace.mount], ...input.mounts],
    files: input.files ?? [],
    covered: workspace?.covered ?? [],
    network: input.network ?? null,
    // Whoever reads our messages elsewhere than on a terminal did not ask for offers.
    ports: planPorts(settings.ports, host.terminals.stderr),
    sshAgent,
    process: {
      argv: withHooks(input.argv, settings.pre_run_hooks),
      env,
      cwd: workspace?.directory ?? (tool.process?.directory || user.home),
      // The person, with the groups of the image's own user: what the image opens to those groups stays open.
      user: { uid: user.uid, gid: user.gid, groups: input.user === "root" ? [] : tool.process?.groups ?? [] },
      stdio,
      terminal,
    },
    owner,
    workspace: at,
    timeoutMs: timeoutOf(settings.resources.timeoutSeconds),
  };
}

function applePlan({ guest }: PlanInput["machine"], { resources }: MergedSettings) {
  const scratchMiB = resources.rootfsSizeMB;
  return { agent: guest.path, ...(scratchMiB === undefined ? {} : { scratchMiB }) };
}

/** Of the image and the tool's definition alone: a snapshot is for all runs of the tool. */
function warmEnvironment({ tool }: PlanInput, owner: OwnerPlan): ByteString[] {
  const none = () => undefined;
  return guestEnvironment({ image: tool.environment, owner, hasTerminal: false, passEnv: [], env: {}, host: none });
}

/** In the sandbox everyone is called silo but root, and has the ids of the host, so that files agree on both sides. */
export function ownerOf(uid: number, gid: number): OwnerPlan {
  return uid === 0
    ? { uid, gid, name: "root", home: "/root", shell: "/bin/sh" }
    : { uid, gid, name: "silo", home: "/home/silo", shell: "/bin/sh" };
}

/** Each stream that is a terminal here is one there; see docs/protocol.md, `terminal.mode`. */
export function stdioPlan(terminals: Host["terminals"]): Pick<ProcessPlan, "stdio" | "terminal"> {
  const kind = (isTerminal: boolean) => isTerminal ? "terminal" as const : "pipe" as const;
  const any = terminals.stdin || terminals.stdout || terminals.stderr;
  return {
    stdio: { stdin: kind(terminals.stdin), stdout: kind(terminals.stdout), stderr: kind(terminals.stderr) },
    terminal: any ? { mode: terminals.stdin && terminals.stdout ? "full" : "cooked" } : null,
  };
}

function timeoutOf(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.ceil(seconds * 1_000);
}
