/**
 * The error that silo shows to a person, and the table of silo's own exit codes.
 *
 * Whatever is thrown as a {@link SiloError} is printed as one clear message; everything else is a bug and is printed
 * with its stack.
 *
 * @module
 */

/** Exit codes that silo itself gives; everything else is the tool's own. */
export const EXIT = {
  OK: 0,
  /** A failure of silo: a bad flag, no hypervisor, a machine that did not come up. */
  SILO: 125,
  /** The tool ran into its time limit, as timeout(1) says it. */
  TIMEOUT: 124,
  /** The program is there and could not be executed. */
  NOT_EXECUTABLE: 126,
  /** The program was not found in the guest. */
  NOT_FOUND: 127,
  /** Added to the number of the signal that ended the program. */
  SIGNAL_BASE: 128,
} as const;

/** What a {@link SiloError} may carry beside its text. */
export interface SiloErrorOptions extends ErrorOptions {
  /** What to do about it: one or more lines, printed indented under the message. */
  readonly hint?: string | undefined;
  /** The exit code silo ends with; {@link EXIT.SILO} if absent. */
  readonly exitCode?: number | undefined;
  /** Text to show under the message, for example the tail of the guest's console. Untrusted: cleaned when printed. */
  readonly details?: string | undefined;
}

/**
 * A failure to be told to a person. The message has the form `could not DO WHAT: WHY`, in lower case and without a full
 * stop; what to do about it is the hint.
 *
 * @example
 * ```ts
 * throw new SiloError("could not start the VM: QEMU is not installed", { hint: "apt install qemu-system-x86" });
 * ```
 */
export class SiloError extends Error {
  override readonly name = "SiloError";
  readonly hint: string | undefined;
  readonly exitCode: number;
  readonly details: string | undefined;

  constructor(message: string, options: SiloErrorOptions = {}) {
    super(message, options);
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? EXIT.SILO;
    this.details = options.details;
  }
}

/** The text of anything that was thrown, without a stack: for the `WHY` part of another message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Deno appends what it was doing ("…, open 'x' (os error 2)" or ": open 'x'"); the number helps nobody.
  return error.message.replace(/ \(os error \d+\)/, "");
}

/** What a person can do about an error of the operating system that may happen anywhere. */
const SYSTEM_HINTS: Record<string, string> = {
  ENOSPC: "The disk is full. Make room, then try again; nothing half-made is left.",
  EDQUOT: "Your share of the disk is used up. Make room, then try again; nothing half-made is left.",
  EROFS: "The file system is read-only. SILO_HOME may name a directory on another one.",
  EACCES: "Make sure that the directory belongs to you. SILO_HOME may name another one.",
  EPERM: "Make sure that the directory belongs to you. SILO_HOME may name another one.",
  EMFILE: "Too many files are open; `ulimit -n` shows the limit.",
  ENFILE: "The whole system has too many files open.",
  ENOMEM: "The memory of this machine is used up.",
};

/** An error of the operating system that nobody explained on its way up, in silo's words; all others as they are. */
export function explainSystemError(error: unknown): unknown {
  if (error instanceof SiloError || !(error instanceof Error)) return error;
  const hint = SYSTEM_HINTS[String((error as { code?: unknown }).code)];
  return hint === undefined ? error : new SiloError(`could not go on: ${reasonOf(error)}`, { hint, cause: error });
}

/** Replaces control characters (all but newline and tab) so that untrusted text cannot drive a terminal. */
export function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(/[[\p{Cc}\p{Bidi_Control}]--[\n\t]]/gv, "\ufffd");
}

/** How an error is printed. */
export interface ErrorLook {
  /** Breaks a text at blanks; what does not fit goes on under `indent` blanks. */
  readonly fit?: (text: string, indent: number) => string;
  /** Colours the word that says whose message it is. */
  readonly mark?: (text: string) => string;
  /** Say what it was caused by. */
  readonly verbose?: boolean;
}

/** Renders an error as silo prints it on stderr, with its hint and details; ends with a newline. */
export function renderError(
  error: unknown,
  { fit = (text) => text, mark = (text) => text, verbose }: ErrorLook = {},
): string {
  const head = (text: string) => `${mark("silo:")}${fit(`silo: ${printable(text)}`, 6).slice("silo:".length)}\n`;
  if (!(error instanceof SiloError)) {
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    return `${head(`internal error: ${stack}`)}  This is a bug in silo. Please report it with the text above.\n`;
  }
  const indent = (text: string) =>
    printable(text).trimEnd().split("\n").map((line) => `${fit(`  ${line}`, 2)}\n`).join("");
  let text = head(error.message);
  if (error.details) text += indent(error.details);
  if (error.hint) text += indent(error.hint);
  for (let cause = error.cause; verbose && cause instanceof Error; cause = cause.cause) {
    text += indent(`because: ${cause.stack ?? cause.message}`);
  }
  return text;
}
