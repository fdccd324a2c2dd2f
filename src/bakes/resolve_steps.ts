/**
 * From steps as people write them to steps with their files.
 *
 * @module
 */
import type { StepSetting } from "../config/config.ts";
import { contains } from "../paths.ts";
import { reasonOf, SiloError } from "../errors.ts";
import { type Input, inputsNamedBy, isPlainPath, type Step } from "./step.ts";

/** Larger files are no recipe any more. */
const MAX_INPUT_BYTES = 16 * 1024 * 1024;

/**
 * Reads what the steps of one `silo.toml` name.
 *
 * @param directory where the file is; null: the steps name no files (those of the registry).
 * @throws {SiloError} if a file is missing, lies elsewhere or is too large.
 */
export function resolveSteps(settings: readonly StepSetting[], directory: string | null): Step[] {
  return settings.map((setting): Step => {
    const { inputs: named = [], ...what } = typeof setting === "string" ? { run: setting } : setting;
    const run = "run" in what ? what.run : readText(directory, what.script);
    const found = directory === null || !("run" in what)
      ? []
      : inputsNamedBy(run, (path) => isRegularFile(`${directory}/${path}`));
    const paths = [...new Set([...named, ...found])].sort();
    const label = "run" in what ? what.run.trim().replaceAll(/\s*\n\s*/g, "; ") : `the script ${what.script}`;
    return { run, label, inputs: paths.map((path): Input => ({ path, bytes: readInput(directory, path) })) };
  });
}

function readText(directory: string | null, script: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readInput(directory, script));
  } catch (cause) {
    if (cause instanceof SiloError) throw cause;
    throw new SiloError(`could not use the build script ${script}: it is not UTF-8 text`);
  }
}

/** A sandbox may have turned the file into a link to anything of the person's: only what lies in the project counts. */
function readInput(directory: string | null, path: string): Uint8Array<ArrayBuffer> {
  const refuse = (why: string, cause?: unknown) =>
    new SiloError(`could not read ${path} for the build: ${why}`, {
      hint: "A build may read files beside its silo.toml, by relative paths.",
      cause,
    });
  if (directory === null || !isPlainPath(path)) throw refuse("it is not a relative path of the project");
  try {
    const real = Deno.realPathSync(`${directory}/${path}`);
    if (!contains(Deno.realPathSync(directory), real)) throw refuse("a symbolic link leads out of the project");
    if (!Deno.statSync(real).isFile) throw refuse("it is not a regular file");
    using file = Deno.openSync(real);
    const { size } = file.statSync();
    if (size > MAX_INPUT_BYTES) throw refuse("it is over 16 MiB");
    const bytes = new Uint8Array(size);
    let length = 0;
    for (let count; length < size && (count = file.readSync(bytes.subarray(length))) !== null;) length += count;
    return bytes.subarray(0, length);
  } catch (cause) {
    if (cause instanceof SiloError) throw cause;
    throw refuse(reasonOf(cause), cause);
  }
}

function isRegularFile(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}
