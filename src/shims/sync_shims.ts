/**
 * Keeps `bin/` of the silo home as the list of installed tools says. Each script is written beside and renamed; what is
 * not silo's own is neither overwritten nor removed.
 *
 * @module
 */
import { writeFileAtomic } from "../cache/atomic.ts";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { InstalledTool } from "../tools/installed.ts";
import { MARK, shimScript } from "./shim_script.ts";
import { siloProgram } from "./silo_program.ts";

export function shimDirectory(host: Pick<Host, "siloHome">): string {
  return `${host.siloHome}/bin`;
}

/** The scripts that there should be, by name. */
export function wantedShims(
  host: Pick<Host, "siloHome" | "home">,
  tools: Iterable<InstalledTool>,
  silo: string,
): Map<string, string> {
  const siloHome = host.siloHome === `${host.home}/.silo` ? undefined : host.siloHome;
  const wanted = new Map<string, string>();
  for (const tool of tools) {
    for (const { name } of tool.shims) {
      wanted.set(
        name,
        shimScript({ name, tool: tool.name, silo, siloHome, projectsOnly: tool.projectsOnly === true }),
      );
    }
  }
  return wanted;
}

/**
 * Writes what is missing or differs, removes what belongs to no tool any more. Quick if all is as it should be.
 *
 * @throws {SiloError} if a file that is not silo's is in the way of one.
 */
export async function syncShims(host: Host, tools: Iterable<InstalledTool>): Promise<void> {
  const directory = shimDirectory(host);
  const wanted = wantedShims(host, tools, siloProgram());
  if (wanted.size === 0 && !isThere(directory)) return;
  Deno.mkdirSync(directory, { recursive: true, mode: 0o755 });
  for (const entry of Deno.readDirSync(directory)) {
    const path = `${directory}/${entry.name}`;
    const text = ownText(path);
    const want = wanted.get(entry.name);
    if (text === undefined && want !== undefined) {
      throw new SiloError(`could not write the shim ${entry.name}: ${path} is there and not silo's`, {
        hint: "Move it away, then: silo list",
      });
    }
    if (text !== undefined && want === undefined) Deno.removeSync(path);
    if (text === want) wanted.delete(entry.name);
  }
  for (const [name, text] of wanted) await writeFileAtomic(`${directory}/${name}`, text, { mode: 0o755 });
}

/** The text of a script of silo's; undefined if the file is another's. */
function ownText(path: string): string | undefined {
  try {
    if (!Deno.lstatSync(path).isFile) return undefined;
    const text = Deno.readTextFileSync(path);
    return text.startsWith(`#!/bin/sh\n${MARK}`) ? text : undefined;
  } catch {
    return undefined;
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
