/** `silo use`, `silo unuse`, `silo pin`, `silo unpin` */
import { pruneTables, tableAt } from "../../../config/edit.ts";
import { editConfig, fileToEdit } from "../../../config/edit_file.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { nearest } from "../../../nearest.ts";
import { syncShims } from "../../../shims/sync_shims.ts";
import { installedVersion } from "../../../tools/choose_version.ts";
import { changeInstalled, readInstalled } from "../../../tools/installed.ts";
import { definitionToInstall } from "../../../tools/install_plan.ts";
import { assertVersion } from "../../../tools/versions.ts";
import { installWith } from "../install.ts";
import { say } from "../../say.ts";
import { tilde } from "../../tilde.ts";

export interface UseOptions {
  readonly global?: boolean;
  readonly install?: boolean;
}

export async function use(host: Host, words: readonly string[], options: UseOptions): Promise<void> {
  const wanted = words.map(toolAndVersion);
  for (const { tool, version } of wanted) {
    const there = readInstalled(host);
    if (there.has(tool) && installedVersion(there, tool, version) !== undefined) continue;
    if (there.has(tool) && version === undefined) continue;
    const definition = there.has(tool) ? undefined : definitionToInstall(host, tool);
    if (definition && version !== undefined) assertVersion(definition, version);
    if (options.install === false) continue;
    await installWith(host, { tool, version, from: undefined, force: false, beside: there.has(tool) }, {
      projectsOnly: !there.has(tool) && options.global !== true,
    });
  }
  const file = fileToEdit(host, options.global === true);
  await editConfig(host, file, (document) => {
    for (const { tool, version } of wanted) {
      const table = tableAt(document, ["tools", tool]);
      if (version !== undefined) table.version = version;
    }
  });
  say(host, `${wanted.map(({ word }) => word).join(", ")}: named in ${tilde(host, file.path)}`);
}

export async function unuse(host: Host, words: readonly string[], options: UseOptions): Promise<void> {
  const file = fileToEdit(host, options.global === true);
  const kept: string[] = [];
  // All of them or none.
  await editConfig(host, file, (document) => {
    const tools = document.tools as Record<string, Record<string, unknown>> | undefined;
    for (const tool of words) {
      if (tools === undefined || !Object.hasOwn(tools, tool)) {
        throw new SiloError(`could not take ${tool} out: ${tilde(host, file.path)} does not name it`, {
          hint: options.global ? undefined : "In your own settings: --global",
        });
      }
      delete tools[tool]!.version;
      if (Object.keys(tools[tool]!).length > 0) kept.push(tool);
      pruneTables(document, ["tools", tool]);
    }
  });
  say(host, `${words.join(", ")}: taken out of ${tilde(host, file.path)}`);
  for (const tool of kept) {
    say(host, `It has other settings of ${tool} still, so the project goes on naming it.`);
  }
}

/** Lets shims of tools count everywhere, or in projects that name the tool only. */
export async function pin(host: Host, names: readonly string[], everywhere: boolean): Promise<void> {
  await changeInstalled(host, (tools) => {
    for (const name of names) {
      const { projectsOnly: _, ...tool } = tools.get(name) ??
        notInstalled(everywhere ? "pin" : "unpin", name, [...tools.keys()]);
      tools.set(name, everywhere ? tool : { ...tool, projectsOnly: true });
    }
  });
  await syncShims(host, readInstalled(host).values());
  const where = everywhere ? "in every directory" : "in projects that name it, elsewhere the next on PATH";
  for (const name of names) say(host, `${name} is silo's ${where}`);
}

function notInstalled(doing: string, name: string, known: readonly string[]): never {
  const guess = nearest(name, known);
  throw new SiloError(`could not ${doing} ${name}: it is not installed`, {
    hint: guess ? `Did you mean ${guess}?` : `Install it: silo install ${name}`,
  });
}

function toolAndVersion(word: string): { word: string; tool: string; version: string | undefined } {
  const [tool, version, ...rest] = word.split("@");
  if (tool && version !== "" && rest.length === 0) return { word, tool, version };
  throw new SiloError(`could not understand ${word}: it has the form TOOL or TOOL@VERSION`);
}
