/**
 * What of the project a step runs: consent to the step is consent to these as they are. A sandbox can write them, and
 * what it writes would be run as root with the hosts that builds may reach, and be part of every later run.
 *
 * Data is not among them: what a lock file or a list of requirements names is installed under the same rules whatever
 * it says, and it changes with every update of a dependency.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { StepSetting } from "../config/config.ts";
import { SiloError } from "../errors.ts";
import { resolveSteps } from "./resolve_steps.ts";
import type { Step } from "./step.ts";

/** Files that are programs by their names, whoever starts them. */
const PROGRAM = /\.(sh|bash|zsh|py|js|mjs|cjs|ts|rb|pl|php|lua|mk)$|(^|\/)Makefile$/;

/** The digests of what steps run, by the step as it was written: as they were when consent was looked for. */
export type StepPrograms = ReadonlyMap<string, string>;

/** Of those steps that run files of the project; none for steps whose files cannot be read: building tells why. */
export function programsOf(settings: readonly StepSetting[], directory: string): StepPrograms {
  const readable = settings.flatMap((setting) => {
    try {
      return [{ setting, step: resolveSteps([setting], directory)[0]! }];
    } catch (error) {
      if (error instanceof SiloError) return [];
      throw error;
    }
  });
  return programsIn(readable.map(({ setting }) => setting), readable.map(({ step }) => step));
}

/** Of steps whose files have been read. */
export function programsIn(settings: readonly StepSetting[], steps: readonly Step[]): StepPrograms {
  const programs = new Map<string, string>();
  for (const [i, step] of steps.entries()) {
    const digest = digestOf(settings[i]!, step);
    if (digest !== undefined) programs.set(stepName(settings[i]!), digest);
  }
  return programs;
}

/**
 * Holds a step that is about to be built to what was looked at.
 *
 * @param accepted what was looked at; a step that is not in it is new.
 * @param read the bytes that will be built.
 * @throws {SiloError} if they are others by now.
 */
export function assertSame(
  accepted: StepPrograms | undefined,
  read: StepPrograms,
  setting: StepSetting,
  label: string,
): void {
  const digest = accepted?.get(stepName(setting));
  if (digest === undefined || digest === read.get(stepName(setting))) return;
  throw new SiloError(`could not build with ${label}: what it runs was changed while you were asked`, {
    hint: "Look at it, and try again.",
  });
}

/** A step as a key. */
export function stepName(setting: StepSetting): string {
  return JSON.stringify(setting);
}

/** Hexadecimal SHA-256; undefined if it runs no file of the project. */
function digestOf(setting: StepSetting, { run, inputs }: Step): string | undefined {
  const files = inputs.filter(({ path, bytes }) => PROGRAM.test(path) || (bytes[0] === 0x23 && bytes[1] === 0x21)); // #!
  const isScript = typeof setting !== "string" && "script" in setting;
  if (files.length === 0 && !isScript) return undefined;
  const hash = createHash("sha256");
  if (isScript) hash.update(`${new TextEncoder().encode(run).length}\0`).update(run);
  for (const { path, bytes } of files) hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  return hash.digest("hex");
}
