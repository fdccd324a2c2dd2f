/**
 * `silo run`, `silo shell`, `silo TOOL`: from the request to the exit code.
 *
 * @module
 */
import { bakedTool } from "../bakes/baked_tool.ts";
import { extendedTool } from "../bakes/extended_tool.ts";
import type { RecipeFile } from "../bakes/recipe.ts";
import { noteRun, projectKey } from "../bakes/projects.ts";
import { anchored, type MergedSettings, mergeSettings } from "../config/config.ts";
import { type ConfigSource, layersOf, readSources } from "../config/layers.ts";
import { assertOwnProject, assertShareable, findProject, type Project } from "../config/project.ts";
import { requireTrust } from "../config/trust.ts";
import type { Progress } from "../debian/progress.ts";
import type { Backend, Exit, NetworkOutcome, RunIo } from "../engine/backend.ts";
import { decideNetwork } from "../engine/network_plan.ts";
import { keptDirectories } from "../engine/kept_directories.ts";
import { lookAround } from "../engine/look_around.ts";
import { planRun } from "../engine/plan_run.ts";
import { realSignals } from "../engine/process_signals.ts";
import { prepareCaches } from "../engine/tool_caches.ts";
import { MAX_SHARES } from "../engine/resolve_mounts.ts";
import { run } from "../engine/run.ts";
import type { RunPlan } from "../engine/run_plan.ts";
import { processIo } from "../engine/stdio.ts";
import { HostTerminal } from "../engine/terminal.ts";
import { vmBackend } from "../engine/vm_backend.ts";
import { collectAtEnd } from "../disk/collect_at_end.ts";
import { exactVariable } from "../exact_bytes.ts";
import type { ByteString } from "../helper/byte_string.ts";
import type { SpawnedHelper } from "../helper/spawn.ts";
import type { Host } from "../host.ts";
import { imageProcess } from "../images/image_process.ts";
import { withScratchOf } from "../machine/scratch_of_size.ts";
import { readyMachine } from "../tools/ready_machine.ts";
import { autoApproval } from "../tools/agent.ts";
import { readDefinition } from "../tools/registry.ts";
import { resolveTool } from "../tools/resolve.ts";
import { readInstalled } from "../tools/installed.ts";
import { chooseVersion } from "../tools/choose_version.ts";
import { holdRootfs } from "../tools/ready_rootfs.ts";
import { asker } from "./asker.ts";
import { beginLook, type Look } from "./aftermath.ts";
import type { PlanFacts } from "./explain_run.ts";
import { endAs } from "./end_process.ts";
import { lostInstall } from "./lost_install.ts";
import { writeAll } from "./output.ts";
import { explain, note } from "./say.ts";
import { ProgressLine } from "./progress_line.ts";
import type { RunRequest } from "./parse_run.ts";
import { Timings } from "./timings.ts";

/** Bash where the image has it, else its plain shell. Arguments, if any, are the shell's own. */
const SHELL = ["/bin/sh", "-c", 'if command -v bash >/dev/null; then exec bash "$@"; else exec sh "$@"; fi', "sh"];

/** The words that a request was parsed from, as text and as bytes, and the commands that one may have meant. */
export interface CommandWords {
  readonly text: readonly string[];
  readonly bytes: readonly ByteString[];
  readonly commands: readonly string[];
  /** The helper that was started while the words were looked at. */
  readonly helper?: SpawnedHelper | undefined;
}

/** What carries a run out, and what its streams are connected with. */
export interface Run {
  readonly plan: RunPlan;
  readonly backend: Backend;
  readonly io: RunIo;
}

/** Someone other than the person's shell who stands at a run's streams. */
export interface Attachment {
  /** Steps on top of all others; they are built if they have not been. */
  readonly extra: RecipeFile | undefined;
  /** How far that is. */
  readonly progress: Progress;
  /** Puts itself in between. */
  attach(run: Run): Run;
}

/**
 * Carries a request out.
 *
 * @param attachment who stands at the streams, if not the person's shell.
 * @returns the exit code; does not return if silo dies of the tool's signal.
 */
export async function runTool(
  request: RunRequest,
  words: CommandWords,
  host: Host,
  attachment?: Attachment,
): Promise<number> {
  const timings = new Timings(host);
  const project = request.workspace ? projectOf(host) : null;
  const { tool: installed, argv } = commandLine(request, words, host);
  const machine = await readyMachine(host);
  const definition = readDefinition(host, installed.name);
  const files = await configFiles(host, project);
  const chosen = chooseVersion(() => readInstalled(host), installed, files);
  const baked = await bakedTool(host, chosen, definition?.settings ?? {}, files);
  const tool = attachment?.extra === undefined ? baked : await extendedTool(host, {
    tool: chosen,
    definition: definition?.settings ?? {},
    files: [...files, attachment.extra],
    machine,
    progress: attachment.progress,
  });
  // Only what has to be unpacked or made again first takes long enough to be shown.
  const line = new ProgressLine(host);
  using _rootfs = await holdRootfs(host, tool, line.show).finally(() => line.clear());
  const settings = mergeSettings([
    definition?.settings ?? {},
    tool.settings ?? {},
    ...layersOf(files, tool.name, host.home).map((layer) => layer.settings),
    anchored(request.settings, host.cwd(), host.home),
  ]);
  using caches = prepareCaches(
    host,
    tool.name,
    definition?.caches ?? [],
    project === null ? null : await projectKey(project.root),
  );
  const found = lookAround(host, project, tool, settings, request);
  const others = found.mounts.length + (found.files?.length ? 1 : 0);
  const withCaches = others + caches.mounts.length < MAX_SHARES;
  const secrets = await secretsOf(settings, host);
  const plan = planRun({
    host,
    tool,
    warm: definition?.warm ?? [],
    machine: await withScratchOf(settings.resources.rootfsSizeMB, machine, host),
    settings: withCaches ? { ...settings, env: { ...caches.env, ...settings.env } } : settings,
    ...found,
    mounts: withCaches ? [...found.mounts, ...caches.mounts] : found.mounts,
    path: withCaches ? caches.path : [],
    argv,
    user: request.user,
    network: decideNetwork(host, settings.network, request.net, "run", secrets),
    placeholders: Object.fromEntries(secrets.map(({ name, placeholder }) => [name, placeholder])),
    variables: (name) => exactVariable(host.env, name),
  });
  timings.mark("plan");
  if (host.verbosity === "verbose") {
    await explainPlan(host, { plan, files, tool, chosen, project, helper: machine.helper });
  }
  const own = {
    plan,
    backend: vmBackend(host, machine.helper, { leavesTeardown: true, early: words.helper }),
    io: processIo(),
  };
  const look = await beginLook(request, host, plan, project?.root ?? null);
  const heard: { network?: NetworkOutcome } = {};
  let exit: Exit | undefined;
  let error: unknown;
  try {
    exit = await carryOut(attachment?.attach(own) ?? own, host, timings, heard, look);
  } catch (caught) {
    error = caught;
  }
  await look.end({ exit, error, phases: timings.phases, attempts: timings.attempts, network: heard.network });
  if (exit === undefined) throw error;
  const lost = "code" in exit ? lostInstall(plan, exit.code) : undefined;
  if (lost !== undefined) note(host, lost);
  if (project !== null && (tool !== installed || caches.mounts.length > 0)) {
    await noteRun(host, project.root, tool, tool !== installed);
  }
  await collectAtEnd(host);
  if (request.timing) writeAll(Deno.stderr, timings.report());
  return await endAs(exit);
}

async function explainPlan(host: Host, facts: PlanFacts): Promise<void> {
  for (const line of (await import("./explain_run.ts")).explainRun(host, facts)) explain(host, line);
}

async function carryOut(
  { plan, backend, io }: Run,
  host: Host,
  timings: Timings,
  heard: { network?: NetworkOutcome },
  look: Look,
) {
  const terminal = new HostTerminal();
  const restore = () => terminal.restore();
  globalThis.addEventListener("unload", restore); // the last way out, if all others failed
  try {
    return await run(plan, backend, {
      host,
      io,
      terminal,
      signals: realSignals(),
      events: {
        timing: (phase, milliseconds) => {
          timings.add(phase, milliseconds);
          if (phase === "program") look.programEnded();
          explain(host, `${phase}: ${milliseconds.toFixed(1)} ms`);
        },
        attempts: (count) => timings.attempts = count,
        network: (outcome) => heard.network = outcome,
        warning: (message) => note(host, message.replaceAll("\n", " ")),
        detail: (message) => explain(host, message.replaceAll("\n", " ")),
      },
    });
  } finally {
    globalThis.removeEventListener("unload", restore);
    // Told when the tool has said its last word and the terminal is as before.
    if (host.verbosity !== "quiet" || plan.network?.policy.mode === "learn") {
      writeAll(Deno.stderr, heard.network?.summary ?? "");
    }
  }
}

/** The project of the working directory, if it may be shared. */
function projectOf(host: Host): Project {
  const project = findProject(host.cwd());
  assertOwnProject(project, host);
  assertShareable(project.root, "as the project", host, keptDirectories(host));
  return project;
}

function commandLine(request: RunRequest, words: CommandWords, host: Host) {
  // `run python pip …` means pip of that tool; `run python -- pip` hands "pip" to python.
  const mayNameSibling = request.kind === "run" && !request.separated && !request.exec;
  const first = mayNameSibling ? words.text[request.argsAt] : undefined;
  const { tool, command, argumentsUsed } = resolveTool(host, request.tool, first, words.commands);
  const args = words.bytes.slice(request.argsAt + argumentsUsed);
  if (request.kind === "shell") return { tool, argv: [...SHELL, ...args] };
  if (request.exec) return { tool, argv: args };
  const { entrypoint: Entrypoint, command: Cmd } = tool.process ?? { entrypoint: [], command: [] };
  const own = command === undefined ? {} : { entrypoint: command.split(" ") };
  const approval = request.ask ? [] : autoApproval(readDefinition(host, tool.name), command);
  return { tool, argv: imageProcess({ config: { Entrypoint, Cmd } }, own, [...approval, ...args]).argv };
}

async function secretsOf({ secrets }: MergedSettings, host: Host) {
  if (Object.keys(secrets).length === 0) return [];
  return (await import("../engine/read_secrets.ts")).readSecrets(secrets, host);
}

/** The files that count, each accepted as far as it needs to be. */
async function configFiles(host: Host, project: Project | null): Promise<readonly ConfigSource[]> {
  const { sources, claims, notices } = await readSources(host, project);
  for (const notice of notices) note(host, notice);
  for (const claim of claims) await requireTrust(host, claim, asker(host));
  return sources;
}
