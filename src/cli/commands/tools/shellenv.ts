/** `silo shellenv [SHELL]`, `silo completions SHELL`, and what completions ask for */
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { nearest } from "../../../nearest.ts";
import { completionCode, isShell, pathCode, type Shell, SHELLS } from "../../../shims/shell_code.ts";
import { siloProgram } from "../../../shims/silo_program.ts";
import { shimDirectory } from "../../../shims/sync_shims.ts";
import { writeAll } from "../../output.ts";

export function shellenv(host: Host, word: string | undefined): Promise<void> {
  const shell = shellOf(host, word);
  writeAll(Deno.stdout, pathCode(shell, shimDirectory(host)) + completionCode(shell, siloProgram()));
  return Promise.resolve();
}

/** Prints the completions of a shell; with `complete` (which the shells say) the candidates for the last word. */
export async function completions(host: Host, word: string | undefined, words: readonly string[]): Promise<void> {
  if (word !== "complete" && word !== "complete-line") {
    return writeAll(Deno.stdout, completionCode(shellOf(host, word), siloProgram()));
  }
  const { candidates } = await import("../../completion/candidates.ts");
  // tcsh gives the whole line; what it has typed of the last word it compares itself.
  const line = word === "complete-line" ? (words[0] ?? "").split(/\s+/).slice(1) : [...words];
  const found = candidates(host, line.length === 0 ? [""] : line);
  const shown = found.map((it) => it.text !== "" && word === "complete" ? `${it.word}\t${it.text}\n` : `${it.word}\n`);
  writeAll(Deno.stdout, shown.join(""));
}

/** The shell that is named, else the person's own, else bash, whose words every Bourne shell understands. */
export function shellOf(host: Pick<Host, "env">, word: string | undefined): Shell {
  if (word === undefined) {
    const own = host.env.SHELL?.split("/").at(-1) ?? "";
    return isShell(own) ? own : "bash";
  }
  if (isShell(word)) return word;
  const guess = nearest(word, SHELLS);
  throw new SiloError(`could not print the settings of ${word}: silo does not know that shell`, {
    hint: guess ? `Did you mean ${guess}?` : `It knows ${SHELLS.join(", ")}.`,
  });
}
