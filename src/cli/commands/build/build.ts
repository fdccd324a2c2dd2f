/** `silo build TOOL CMD…`, `silo setup`, `silo rebuild` */
import { filesOf, ownSteps, type Place, programsOf, type Scope, withSteps } from "../../../bakes/place.ts";
import { recordSteps } from "../../../bakes/record.ts";
import { hasSteps } from "../../../bakes/recipe.ts";
import { shellLine } from "../../../bakes/shell_line.ts";
import type { StepSetting } from "../../../config/config.ts";
import { SiloError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { readInstalled } from "../../../tools/installed.ts";
import { say } from "../../say.ts";
import { buildAndSay, where } from "./build_and_say.ts";
import { placeOf, scopeOf } from "./session.ts";

export interface BuildOptions {
  readonly global?: boolean;
  readonly script?: string;
  readonly setup?: string;
  readonly rerun?: boolean;
  readonly remove?: boolean;
  readonly all?: boolean;
}

export async function build(
  host: Host,
  command: "build" | "setup" | "rebuild",
  tool: string | undefined,
  rest: readonly string[],
  given: BuildOptions,
): Promise<void> {
  const { words, options } = afterTool(rest, given);
  const request = requestOf(command, tool, words, options);
  const place = await placeOf(host);
  const scope = scopeOf(options);
  if (request.do === "rerun all") {
    const tools = [...readInstalled(host).keys()].filter((name) => hasSteps(filesOf(place, scope), name));
    if (tools.length === 0) return say(host, "There is nothing to run again: no installed tool has steps here.");
    for (const name of tools) await buildAndSay(host, place, scope, name, true);
    return;
  }
  const before = ownSteps(place, scope, request.tool);
  if (request.do === "remove") return await remove(host, place, scope, request.tool, before);
  if (!("step" in request)) {
    if (before.length === 0) {
      throw new SiloError(`could not build ${request.tool} again: no steps are recorded for ${where(scope)}`, {
        hint: `Begin with: silo build ${scope === "global" ? "--global " : ""}${request.tool} CMD…`,
      });
    }
    await buildAndSay(host, place, scope, request.tool, true);
    return;
  }
  const steps = request.do === "replace" ? [request.step] : [...before, request.step];
  const after = withSteps(place, scope, request.tool, steps);
  const built = await buildAndSay(host, after, scope, request.tool, false);
  await recordSteps(host, scope, request.tool, steps, built);
}

type Request =
  | { readonly do: "rerun all" }
  | { readonly do: "rerun" | "remove"; readonly tool: string }
  | { readonly do: "add" | "replace"; readonly tool: string; readonly step: StepSetting };

/**
 * What a command line asks for.
 *
 * @throws {SiloError} if its words do not fit together.
 */
export function requestOf(
  command: "build" | "setup" | "rebuild",
  tool: string | undefined,
  words: readonly string[],
  options: BuildOptions,
): Request {
  const wrong = (why: string, hint = `\`silo help ${command}\` shows how.`) =>
    new SiloError(`could not understand the command line: ${why}`, { hint });
  const ways = [
    words.length > 0 && "a command",
    options.script !== undefined && "--script",
    options.setup !== undefined && "--setup",
    options.remove && "--remove",
    options.rerun && "--rerun",
  ].filter((way) => typeof way === "string");
  if (ways.length > 1) throw wrong(`${ways[0]} and ${ways[1]} do not go together`);
  const reruns = options.rerun || (command === "rebuild" && ways.length === 0);
  if (options.all) {
    if (tool !== undefined || !reruns) throw wrong("--all goes with --rerun, and names all tools by itself");
    return { do: "rerun all" };
  }
  if (tool === undefined) throw wrong("no tool is named", "For example: silo build python pip install requests");
  if (options.remove) return { do: "remove", tool };
  if (reruns) return { do: "rerun", tool };
  if (options.setup !== undefined) return { do: "replace", tool, step: options.setup };
  if (options.script !== undefined) return { do: "add", tool, step: { script: options.script } };
  if (words.length === 0) {
    throw wrong("no command is given", `For example: silo build ${tool} apt-get install -y git; or --rerun, --remove`);
  }
  return { do: command === "rebuild" ? "replace" : "add", tool, step: shellLine(words) };
}

const FLAGS: ReadonlySet<string> = new Set(["--global", "--rerun", "--remove", "--all"]);
const VALUES: ReadonlySet<string> = new Set(["--script", "--setup"]);

/** Flags of silo may stand right after TOOL too; what follows them, or one `--`, is the command. */
export function afterTool(
  rest: readonly string[],
  given: BuildOptions,
): { words: readonly string[]; options: BuildOptions } {
  const options: Record<string, unknown> = { ...given };
  let at = 0;
  for (; at < rest.length; at++) {
    const [flag, value] = rest[at]!.split(/=(.*)/s);
    if (FLAGS.has(rest[at]!)) options[flag!.slice(2)] = true;
    else if (VALUES.has(flag!)) {
      if (value === undefined && at + 1 >= rest.length) {
        throw new SiloError(`could not understand the command line: nothing stands after ${flag}`, {
          hint: "`silo help build` shows how.",
        });
      }
      options[flag!.slice(2)] = value ?? rest[++at];
    } else break;
  }
  return { words: rest.slice(rest[at] === "--" ? at + 1 : at), options };
}

async function remove(
  host: Host,
  place: Place,
  scope: Scope,
  tool: string,
  before: readonly StepSetting[],
): Promise<void> {
  if (before.length === 0) return say(host, `There is nothing to remove: ${tool} has no steps for ${where(scope)}`);
  await recordSteps(host, scope, tool, [], programsOf(place, scope));
  if (scope === "project" && readInstalled(host).has(tool)) {
    const { noteProject } = await import("../../../bakes/projects.ts");
    await noteProject(host, place.project.root, { tool, bake: undefined });
  }
  say(host, `Removed the steps of ${tool} for ${where(scope)}; \`silo cache clean --safe\` frees what they made`);
}
