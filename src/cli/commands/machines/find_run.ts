/**
 * Which running sandbox a word means.
 *
 * @module
 */
import { type RunFile, runningRuns } from "../../../engine/run_file.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { nearest } from "../../../nearest.ts";

export type Run = RunFile & { readonly directory: string };

/**
 * The run of a name, of an id, or of the beginning of one.
 *
 * @throws {SiloError} if there is none, or several.
 */
export async function findRun(host: Host, word: string, doing: string): Promise<Run> {
  return chooseRun(await runningRuns(host), word, doing);
}

/** See {@link findRun}; pure. */
export function chooseRun(runs: readonly Run[], word: string, doing: string): Run {
  const named = runs.filter(({ name, id }) => name === word || id === word);
  const found = named.length > 0 ? named : runs.filter(({ id }) => word.length >= 2 && id.startsWith(word));
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new SiloError(`could not ${doing} ${word}: several sandboxes are meant by that`, {
      hint: `Name one by its id: ${found.map(({ id }) => id).join(", ")}`,
    });
  }
  const guess = nearest(word, runs.map(({ name }) => name));
  throw new SiloError(`could not ${doing} ${word}: no sandbox of that name runs`, {
    hint: guess ? `Did you mean ${guess}?` : "`silo ps` shows those that run.",
  });
}
