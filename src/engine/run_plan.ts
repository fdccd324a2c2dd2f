/**
 * What one run shall be, as plain data: everything is decided when a plan exists, and nothing in it has to be looked up
 * again. `plan_run.ts` makes plans, a {@link import("./backend.ts").Backend} carries them out.
 *
 * @module
 */
import type { ByteString } from "../helper/byte_string.ts";
import type { NetworkPlan } from "./network_plan.ts";
import type { PortsPlan } from "./ports/plan_ports.ts";
import type { SshAgentPlan } from "./ssh_agent/serve_agent.ts";

/** One run of one program in one fresh machine. */
export interface RunPlan {
  /** The tool, for messages. */
  readonly tool: string;
  readonly image: ImagePlan;
  readonly machine: MachinePlan;
  readonly mounts: readonly MountPlan[];
  /** Single files, read-only. */
  readonly files: readonly FilePlan[];
  /** Paths in the guest that something empty hides. */
  readonly covered: readonly string[];
  /** null: none at all. There is no network card either way. */
  readonly network: NetworkPlan | null;
  readonly ports: PortsPlan;
  /** null: the sandbox has no ssh-agent. */
  readonly sshAgent: SshAgentPlan | null;
  readonly process: ProcessPlan;
  /** The person's identity on the host, which files on mounts belong to. */
  readonly owner: OwnerPlan;
  /** Where the project is seen in the guest, absolute. */
  readonly workspace: string;
  /** How long the program may run, milliseconds; null: as long as it likes. */
  readonly timeoutMs: number | null;
}

/** The root file system and the kernel that boots it. Paths are absolute, on the host. */
export interface ImagePlan {
  readonly rootfs: string;
  /** Run on a copy of it that is made there, may be changed and stays; absent: what a run writes is thrown away. */
  readonly copy?: { readonly path: string; readonly sizeMiB: number } | undefined;
  readonly kernel: string;
  readonly initrd: string;
}

export interface MachinePlan {
  readonly cpus: number;
  readonly memoryMiB: number;
  /** How many processes there may be at one time; null: as many as the kernel bears. */
  readonly processes: number | null;
  /** The writable layer on the host's disk; null keeps it in the guest's memory. */
  readonly scratch: { readonly directory: string; readonly sizeMiB: number; readonly template: string } | null;
  readonly boot: { readonly timeoutMs: number; readonly attempts: number };
  readonly qemu: readonly string[];
  readonly stateDirectory: string;
  /** Where booted machines are kept; null boots from cold and keeps none. */
  readonly snapshots: SnapshotPlan | null;
  /**
   * There on macOS, where another driver runs the machine: where the agent is on the host, and how large the writable
   * layer is; without a size the clone of the root file system is written to.
   */
  readonly apple?: { readonly agent: string; readonly scratchMiB?: number };
}

export interface SnapshotPlan {
  readonly directory: string;
  /** A cheap start of the tool before the snapshot, so that its files are in memory afterwards; null: none. */
  readonly warm: { readonly argv: readonly ByteString[]; readonly env: readonly ByteString[] } | null;
}

/** A directory of the host that the guest sees. */
export interface MountPlan {
  /** Unique in the plan. */
  readonly tag: string;
  /** Absolute, free of symbolic links. */
  readonly hostPath: string;
  /** Absolute, in the guest. */
  readonly guestPath: string;
  readonly readOnly: boolean;
}

/** A file of the host that the guest sees as it is at the start. */
export interface FilePlan {
  /** Absolute, free of symbolic links. */
  readonly hostPath: string;
  /** Absolute, in the guest. */
  readonly guestPath: string;
}

export type StdioKind = "pipe" | "terminal" | "null";

export interface ProcessPlan {
  readonly argv: readonly ByteString[];
  /** `NAME=value` entries: the whole environment. */
  readonly env: readonly ByteString[];
  /** Absolute, in the guest. */
  readonly cwd: string;
  readonly user: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] };
  readonly stdio: { readonly stdin: StdioKind; readonly stdout: StdioKind; readonly stderr: StdioKind };
  /** Present if one of the three is a terminal. */
  readonly terminal: TerminalPlan | null;
}

/**
 * `full`: the host's terminal is raw and the guest's does everything. `cooked`: the host's terminal stays as it is,
 * because stdin or stdout is not a terminal; see docs/protocol.md.
 */
export interface TerminalPlan {
  readonly mode: "full" | "cooked";
}

export interface OwnerPlan {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}
