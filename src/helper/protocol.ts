/**
 * The helper protocol, version 1.0, as zod schemas: docs/protocol.md in code. The same golden messages
 * (`tests/fixtures/protocol/`) are read by this side's tests and the helper's.
 *
 * The path of a run imports only the types, which cost nothing; what it reads from the helper it checks in
 * `light_checks.ts`.
 *
 * @module
 */
import { z } from "zod";
import { bytesOf, type ByteString, textOf } from "./byte_string.ts";

const uint = z.int().nonnegative();
const positive = z.int().positive();
const uid = z.int().min(0).max(0xffff_fffe);
const absolute = z.string().regex(/^\/[^\0]*$/, "an absolute path");
/** Rows and columns travel as 16 bits. */
const cells = z.int().min(0).max(65_535);
const byteString = z.union([
  z.string().refine((text) => !text.includes("\0"), "no NUL"),
  z.strictObject({ base64: z.base64() }).refine((value) => decodes(value) && !bytesOf(value).includes(0), "no NUL"),
]);
const variable = byteString.refine((value) => decodes(value) && textOf(value).includes("="), "NAME=value");
const command = z.array(z.string()).min(1);
/** Slots for shares that every machine has. */
const MAX_SHARES = 8;
/** Linux's names; real-time signals count from SIGRTMIN. */
const SIGNALS =
  ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN " +
    "TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS").split(" ");
const REAL_TIME = /^SIGRTMIN(\+([1-9]|[12]\d|30))?$/;
const signalName = z.string().refine(
  (name) => name.startsWith("SIG") && (SIGNALS.includes(name.slice(3)) || REAL_TIME.test(name)),
  "the name of a signal",
);

const stdioKind = z.enum(["pipe", "terminal", "null"]);
const software = z.strictObject({ name: z.string(), version: z.string() });

function decodes(value: ByteString): boolean {
  try {
    bytesOf(value);
    return true;
  } catch {
    return false;
  }
}

export const InitializeParams = z.strictObject({ protocol: z.string(), client: software });
export const InitializeResult = z.object({
  protocol: z.string().regex(/^\d+\.\d+$/),
  helper: software,
  platform: z.enum(["linux", "macos"]),
  architecture: z.enum(["x86_64", "arm64"]),
  driver: z.enum(["qemu", "apple"]),
  capabilities: z.object({ snapshots: z.boolean(), shares: z.array(z.enum(["9p", "virtiofs"])) }),
});

export const ProbeParams = z.strictObject({ linux: z.strictObject({ qemu: command }).optional() });
export const ProbeResult = z.object({
  accelerator: z.enum(["kvm", "tcg", "apple"]),
  accelerators: z.array(z.object({ name: z.string(), usable: z.boolean(), reason: z.string() })),
  hypervisor: software,
  jail: z.array(z.object({ layer: z.string(), active: z.boolean(), reason: z.string() })),
});

export const RootfsCreateParams = z.strictObject({
  tar: absolute,
  output: absolute,
  sizeMiB: positive,
  label: z.string().max(16), // ext4's limit
  linux: z.strictObject({ mke2fs: command }).optional(),
});
export const RootfsCreateResult = z.object({ bytesOnDisk: uint, milliseconds: z.number().nonnegative() });

export const Share = z.strictObject({
  tag: z.string().min(1),
  hostPath: absolute,
  guestPath: absolute,
  readOnly: z.boolean(),
  files: z.array(z.strictObject({ name: z.string().regex(/^(?!\.{1,2}$)[^/\0]+$/), guestPath: absolute })).optional(),
});

export const MachineSpec = z.strictObject({
  runDirectory: absolute,
  dataSocket: absolute,
  kernel: z.strictObject({ path: absolute, initrd: absolute }),
  rootfs: z.strictObject({
    path: absolute,
    copy: z.strictObject({ path: absolute, sizeMiB: positive }).optional(),
  }),
  scratch: z.strictObject({ directory: absolute, sizeMiB: positive, template: absolute }).nullable(),
  cpus: positive,
  memoryMiB: positive,
  shares: z.array(Share).max(MAX_SHARES)
    .refine((shares) => new Set(shares.map((share) => share.tag)).size === shares.length, "one share a tag"),
  guest: z.strictObject({
    hostname: z.string(),
    workspace: absolute,
    user: z.strictObject({ uid, gid: uid, name: z.string(), home: absolute, shell: absolute }),
    covered: z.array(absolute).optional(),
    processes: positive.optional(),
  }),
  network: z.strictObject({ certificates: z.string(), authority: z.string().optional() }).optional(),
  sshAgent: z.boolean().optional(),
  watchPorts: z.boolean().optional(),
  boot: z.strictObject({ timeoutMs: positive, attempts: positive }),
  linux: z.strictObject({
    qemu: command,
    accelerator: z.enum(["auto", "kvm", "tcg"]),
    stateDirectory: z.string(),
    snapshots: z.strictObject({
      directory: absolute,
      warm: z.strictObject({ argv: z.array(byteString).min(1), env: z.array(variable) }).optional(),
    }).optional(),
  }).optional(),
  apple: z.strictObject({ agent: absolute, scratchMiB: positive.optional() }).optional(),
});
export const MachineStartResult = z.object({
  accelerator: z.string(),
  attempts: positive,
  kernel: z.string(),
  agent: z.string(),
  timings: z.array(z.object({ phase: z.string(), milliseconds: z.number() })),
});

export const SnapshotCreateResult = z.object({ made: z.boolean(), milliseconds: z.number().nonnegative() });

export const ProcessSpec = z.strictObject({
  process: positive,
  argv: z.array(byteString).min(1),
  env: z.array(variable),
  cwd: byteString,
  user: z.strictObject({ uid, gid: uid, groups: z.array(uid) }),
  stdio: z.strictObject({ stdin: stdioKind, stdout: stdioKind, stderr: stdioKind }),
  terminal: z.strictObject({ rows: cells, columns: cells, mode: z.enum(["full", "cooked"]) }).optional(),
}).refine(
  ({ stdio, terminal }) => terminal !== undefined || !Object.values(stdio).includes("terminal"),
  "a terminal needs a size",
);
export const ProcessStartResult = z.object({ pid: positive });

export const SignalParams = z.strictObject({
  process: positive,
  signal: signalName,
  scope: z.enum(["process", "group"]),
});
export const ResizeParams = z.strictObject({ process: positive, rows: cells, columns: cells });
const port = z.int().min(1).max(65_535);
export const StreamOpenParams = z.strictObject({ stream: positive, port });
export const PortsListeningParams = z.object({ ports: z.array(port) });
export const Empty = z.object({});

export const ExitedParams = z.object({
  process: positive,
  exit: z.union([
    z.strictObject({ code: z.int().min(0).max(255) }),
    z.strictObject({ signal: z.string(), number: z.int().min(1).max(127) }),
  ]),
});
export const StoppedParams = z.object({ process: positive, signal: z.string() });
export const MachineExitedParams = z.object({
  reason: z.enum(["panic", "killed", "crashed", "protocol", "lost"]),
  message: z.string(),
  console: z.string(),
});
export const ProgressParams = z.object({
  task: z.string(),
  phase: z.string(),
  done: z.number().optional(),
  total: z.number().optional(),
});
export const LogParams = z.object({ level: z.enum(["debug", "info", "warn", "error"]), message: z.string() });

/** The `data` of a JSON-RPC error. */
export const ErrorData = z.object({
  kind: z.string(),
  hint: z.string().optional(),
  console: z.string().optional(),
  errno: z.int().optional(),
  stage: z.enum(["chdir", "exec"]).optional(),
  client: z.string().optional(),
  helper: z.string().optional(),
});

/** Every request: its parameters and its result. */
export const REQUESTS = {
  "initialize": { params: InitializeParams, result: InitializeResult },
  "host/probe": { params: ProbeParams, result: ProbeResult },
  "rootfs/create": { params: RootfsCreateParams, result: RootfsCreateResult },
  "machine/start": { params: MachineSpec, result: MachineStartResult },
  "snapshot/create": { params: MachineSpec, result: SnapshotCreateResult },
  "process/start": { params: ProcessSpec, result: ProcessStartResult },
  "process/signal": { params: SignalParams, result: Empty },
  "process/resize": { params: ResizeParams, result: Empty },
  "stream/open": { params: StreamOpenParams, result: Empty },
  "machine/stop": { params: Empty, result: Empty },
} as const;

/** Every notification from the helper. */
export const NOTIFICATIONS = {
  "process/exited": ExitedParams,
  "process/stopped": StoppedParams,
  "machine/exited": MachineExitedParams,
  "progress": ProgressParams,
  "log": LogParams,
  "ports/listening": PortsListeningParams,
} as const;

export type Method = keyof typeof REQUESTS;
export type Params<M extends Method> = z.input<(typeof REQUESTS)[M]["params"]>;
export type Result<M extends Method> = z.output<(typeof REQUESTS)[M]["result"]>;
export type Notification = keyof typeof NOTIFICATIONS;
export type NotificationParams<N extends Notification> = z.output<(typeof NOTIFICATIONS)[N]>;
export type HelperErrorData = z.output<typeof ErrorData>;
