/** `silo shim TOOL add|remove|list` */
import { parse } from "smol-toml";
import { findProject } from "../../../config/project.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { nearest } from "../../../nearest.ts";
import { shadowedShims } from "../../../shims/shadowed.ts";
import { shimDirectory, syncShims } from "../../../shims/sync_shims.ts";
import { parseShim, type Shim } from "../../../tools/definition.ts";
import { changeInstalled, type InstalledTool, readInstalled } from "../../../tools/installed.ts";
import { assertNamesFree } from "../../../tools/install_plan.ts";
import { writeAll } from "../../output.ts";
import { table } from "../../table.ts";
import { say } from "../../say.ts";
import { columnsOf } from "../../terminal_width.ts";

export async function shim(host: Host, tool: string, action: string, words: readonly string[]): Promise<number> {
  if (action === "claimed") return isClaimed(host, tool) ? 0 : 1; // asked by the shims themselves
  const installed = toolOf(readInstalled(host), tool, `${action} shims of`);
  if (action === "list") list(host, installed, words.includes("--json"));
  else if (action === "add") await add(host, tool, words);
  else if (action === "remove") await remove(host, tool, words);
  else {
    const guess = nearest(action, ["add", "remove", "list"]);
    throw new SiloError(`could not understand the command line: ${action} is nothing that can be done with shims`, {
      hint: guess ? `Did you mean ${guess}?` : `For example: silo shim ${tool} add NAME`,
    });
  }
  return 0;
}

/**
 * The shims that words ask for. A command with arguments takes the words behind it: `ipython:python -m IPython`.
 *
 * @throws {SiloError} if a word is no shim.
 */
export function shimsOf(words: readonly string[]): Shim[] {
  const shims: Shim[] = [];
  for (let at = 0; at < words.length; at++) {
    const takesRest = words[at]!.includes(":") && words[at + 1]?.startsWith("-");
    const text = takesRest ? words.slice(at).join(" ") : words[at]!;
    const parsed = parseShim(text);
    if (parsed === undefined) {
      throw new SiloError(`could not understand ${text}: it is neither NAME nor NAME:COMMAND`, {
        hint: "For example: silo shim python add ipython:python -m IPython",
      });
    }
    shims.push(parsed);
    if (takesRest) break;
  }
  return shims;
}

async function add(host: Host, tool: string, words: readonly string[]): Promise<void> {
  const added = shimsOf(words);
  if (added.length === 0) throw nothingNamed(tool, "add");
  assertNamesFree(host, tool, added, `add shims to ${tool}`);
  await change(host, tool, (shims) => [
    ...shims.filter(({ name }) => !added.some((it) => it.name === name)),
    ...added,
  ]);
  const told = added.map(({ name, command }) => name === command ? name : `${name} (${command})`).join(", ");
  say(host, `Added to ${tool}: ${told}`);
}

async function remove(host: Host, tool: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) throw nothingNamed(tool, "remove");
  await change(host, tool, (shims) => {
    for (const name of names) {
      if (shims.some((it) => it.name === name)) continue;
      const guess = nearest(name, shims.map((it) => it.name));
      throw new SiloError(`could not remove the shim ${name}: ${tool} has none of that name`, {
        hint: guess ? `Did you mean ${guess}?` : `silo shim ${tool} list`,
      });
    }
    return shims.filter(({ name }) => !names.includes(name));
  });
  say(host, `Removed from ${tool}: ${names.join(", ")}`);
}

function list(host: Host, { name: tool, shims }: InstalledTool, json: boolean): void {
  if (json) return writeAll(Deno.stdout, `${JSON.stringify(shims, null, 2)}\n`);
  if (shims.length === 0) return writeAll(Deno.stdout, `${tool} has no shims. silo shim ${tool} add NAME\n`);
  const shadowed = new Map(
    shadowedShims(host, shimDirectory(host), shims.map(({ name }) => name))?.map(({ name, by }) => [name, by]),
  );
  const rows = shims.map(({ name, command }) => [name, command, shadowed.has(name) ? shadowed.get(name)! : ""]);
  const heads = shadowed.size > 0 ? ["SHIM", "RUNS", "SHADOWED BY"] : ["SHIM", "RUNS", ""];
  writeAll(Deno.stdout, table([heads, ...rows], columnsOf(host, "stdout")));
}

async function change(host: Host, tool: string, edit: (shims: readonly Shim[]) => readonly Shim[]): Promise<void> {
  await changeInstalled(host, (tools) => {
    const installed = toolOf(tools, tool, "change shims of");
    tools.set(tool, { ...installed, shims: edit(installed.shims) });
  });
  await syncShims(host, readInstalled(host).values());
}

/** Whether the project that we are in names the tool. */
function isClaimed(host: Host, tool: string): boolean {
  const { configPath } = findProject(host.cwd());
  return configPath !== undefined && namesTool(configPath, tool);
}

function namesTool(path: string, tool: string): boolean {
  try {
    const config = parse(Deno.readTextFileSync(path));
    return typeof config.tools === "object" && Object.hasOwn(config.tools, tool);
  } catch {
    return true; // a run tells what is wrong with the file
  }
}

function toolOf(tools: ReadonlyMap<string, InstalledTool>, name: string, doing: string): InstalledTool {
  const tool = tools.get(name);
  if (tool !== undefined) return tool;
  const guess = nearest(name, [...tools.keys()]);
  throw new SiloError(`could not ${doing} ${name}: it is not installed`, {
    hint: guess ? `Did you mean ${guess}?` : `Install it: silo install ${name}`,
  });
}

function nothingNamed(tool: string, action: string): SiloError {
  return new SiloError(`could not ${action} shims: none is named`, {
    hint: `For example: silo shim ${tool} ${action} NAME`,
  });
}
