/** What commands about builds have in common. */
import { namedTools, type Place, readPlace, type Scope } from "../../../bakes/place.ts";
import type { ByteSink } from "../../../engine/backend.ts";
import { processIo } from "../../../engine/stdio.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { readInstalled } from "../../../tools/installed.ts";
import { readDefinition } from "../../../tools/registry.ts";
import { asker } from "../../asker.ts";

/** Reads the place of the working directory; asks for consent where somebody can be asked. */
export async function placeOf(host: Host): Promise<Place> {
  return await readPlace(host, asker(host));
}

export function scopeOf(options: { readonly global?: boolean }): Scope {
  return options.global ? "global" : "project";
}

/** What steps print goes to stderr: stdout is for silo's own result. */
export function stepOutput(): ByteSink {
  return processIo().stderr;
}

/**
 * The tool that a command is about if none is named. Where there are several, a person at a terminal is asked.
 *
 * @throws {SiloError} if there is none, or several and nobody can be asked.
 */
export async function onlyTool(host: Host, place: Place, scope: Scope, doing: string): Promise<string> {
  const installed = [...readInstalled(host).keys()];
  const named = namedTools({ ...place, own: { config: {}, directory: "" } }, scope);
  const candidates = named.length > 0 ? named : installed;
  if (candidates.length === 1) return candidates[0]!;
  const { stdin, stdout, stderr } = host.terminals;
  if (candidates.length > 1 && stdin && stdout && stderr) {
    const { pick } = await import("../../pick.ts");
    const choices = candidates.map((value) => ({ value, hint: readDefinition(host, value)?.description ?? "" }));
    return await pick("For which tool?", choices, candidates[0]!);
  }
  const hint = candidates.length === 0 ? "Install one first: silo install TOOL" : `Name it: --for ${candidates[0]}`;
  const why = candidates.length === 0 ? "no tool is installed" : `it could be for ${candidates.join(", ")}`;
  throw new SiloError(`could not ${doing}: ${why}`, { hint });
}
