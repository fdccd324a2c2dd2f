/**
 * What `silo exec` and the silo that owns a machine say to each other, over the socket `exec` in the run directory.
 *
 * Every connection begins with one line of JSON. A connection of a stream carries bytes after it; the one of control
 * carries lines of JSON both ways. All connections of one call have the same session.
 *
 * @module
 */
import type { ByteString } from "../../helper/byte_string.ts";
import type { Exit, SignalScope, WindowSize } from "../backend.ts";
import type { StreamName } from "../data_socket.ts";
import type { ProcessPlan } from "../run_plan.ts";

/** What is to be run in the machine of another run. */
export interface ExecPlan {
  readonly process: Pick<ProcessPlan, "stdio" | "terminal"> & {
    readonly argv: readonly ByteString[];
    /** `NAME=value`, on top of what the run itself has. */
    readonly env: readonly ByteString[];
    /** In the guest; null: where the run itself is. */
    readonly cwd: string | null;
    readonly root: boolean;
  };
}

export type Hello =
  | { readonly session: string; readonly stream: StreamName }
  | { readonly session: string; readonly start: ExecPlan["process"]; readonly size: WindowSize | null };

export type FromClient =
  | { readonly signal: string; readonly scope: SignalScope }
  | { readonly resize: WindowSize };

export type FromOwner =
  | { readonly started: true }
  | { readonly stopped: string }
  | { readonly exited: Exit }
  | { readonly failed: { message: string; hint?: string | undefined; exitCode: number } };

/** The socket's name in a run directory. */
export const EXEC_SOCKET = "exec";

/** The streams that a process has, by what its three are. */
export function streamsOf({ stdin, stdout, stderr }: ProcessPlan["stdio"]): StreamName[] {
  const streams: StreamName[] = [];
  if (stdin !== "null") streams.push("stdin");
  if (stdout === "pipe") streams.push("stdout");
  if (stderr === "pipe") streams.push("stderr");
  if ([stdin, stdout, stderr].includes("terminal")) streams.push("terminal");
  return streams;
}
