/**
 * From a JSON-RPC error of the helper to the message a person reads. Codes and kinds: docs/protocol.md, "Errors".
 *
 * @module
 */
import { EXIT, SiloError } from "../errors.ts";
import { PROTOCOL_VERSION, VERSION } from "../version.ts";
import { mend } from "./locate.ts";
import type { HelperErrorData } from "./protocol.ts";

/** The error number of "no such file or directory", the same on every platform silo runs on. */
const ENOENT = 2;
const ENOTDIR = 20;
const ENOEXEC = 8;
const EACCES = 13;

/** What was asked for when the helper refused. */
export interface Asked {
  /** `could not DOING: …` */
  readonly doing: string;
  /** The program that was to be started, for `exec` errors. */
  readonly program?: string;
  readonly cwd?: string;
}

/** The SiloError for an error that a request was answered with. */
export function errorFromHelper(error: { message: string; data?: unknown }, asked: Asked): SiloError {
  const data = (typeof error.data === "object" && error.data !== null ? error.data : {}) as Partial<HelperErrorData>;
  if (data.kind === "version") return versionError(data.helper ?? "unknown");
  if (data.kind === "exec") return execError(error.message, data, asked);
  const details = data.console ? `The end of the guest's console:\n${data.console}` : undefined;
  return new SiloError(`could not ${asked.doing}: ${error.message}`, {
    hint: data.hint ?? HINTS[data.kind ?? ""],
    details,
    cause: error,
  });
}

/** The two halves do not fit together. */
export function versionError(helper: string): SiloError {
  return new SiloError(
    `could not talk to silo-helper: silo ${VERSION} speaks protocol version ${PROTOCOL_VERSION}, the helper speaks version ${helper}`,
    { hint: `They must be of one build. ${mend()}` },
  );
}

const HINTS: Record<string, string> = {
  noHypervisor: "Install QEMU, for example: sudo apt install qemu-system-x86\n`silo doctor` shows what is missing.",
  bootTimeout: "Try again; `silo doctor` shows whether the virtual machine can work here.",
  machineGone: "Try again. If it happens again, `silo doctor` may show why.",
  disk: "Make room on the disk that holds the silo home (~/.silo), then try again.",
};

/** As a shell has it: 127 for a program that is not there, 126 for one that cannot be executed. */
function execError(message: string, data: Partial<HelperErrorData>, asked: Asked): SiloError {
  if (data.stage === "chdir") {
    return new SiloError(`could not enter ${asked.cwd ?? "the working directory"} in the sandbox: ${message}`, {
      hint: "The directory must be inside the project; a symbolic link that leads out of it is dead in the sandbox.",
    });
  }
  const program = asked.program ?? "the program";
  const known = EXEC_ERRORS(program)[data.errno ?? -1];
  const missing = data.errno === ENOENT || data.errno === ENOTDIR;
  return new SiloError(`could not run ${program}: ${known?.why ?? message}`, {
    exitCode: missing ? EXIT.NOT_FOUND : EXIT.NOT_EXECUTABLE,
    hint: known?.hint,
  });
}

const EXEC_ERRORS = (program: string): Record<number, { why: string; hint: string }> => ({
  [ENOENT]: {
    why: "it was not found in the sandbox",
    hint: "It is not on the PATH of the sandbox, or the interpreter in its first line is not there.",
  },
  [ENOTDIR]: { why: "it was not found in the sandbox", hint: "A part of its path is no directory." },
  [EACCES]: { why: "it is not executable", hint: `Make it executable: chmod +x ${program}` },
  [ENOEXEC]: {
    why: "its format is not one that the sandbox can execute",
    hint: "It is neither a program for this architecture nor a script with a first line like #!/bin/sh.",
  },
});
