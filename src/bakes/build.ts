/**
 * Builds: the steps run in a machine of their own, as root, on a copy of the root file system, and the copy is kept if
 * all of them succeed. Nothing of the host is in that machine but the files that the steps name, so that what comes out
 * is decided by the recipe alone and may serve every project that has the same.
 *
 * @module
 */
import type { RootfsEntry } from "../cache/rootfs_cache.ts";
import { useFile } from "../cache/in_use.ts";
import type { Progress } from "../debian/progress.ts";
import { DEFAULT_ROOTFS_SIZE_MB } from "../config/config.ts";
import type { ByteSink, Exit } from "../engine/backend.ts";
import { decideNetwork, type NetworkPlan } from "../engine/network_plan.ts";
import { planRun } from "../engine/plan_run.ts";
import { planWorkspace, WORKSPACE } from "../engine/workspace.ts";
import type { RunPlan } from "../engine/run_plan.ts";
import { vmBackend } from "../engine/vm_backend.ts";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Machine } from "../machine/machine_file.ts";
import type { InstalledTool } from "../tools/installed.ts";
import { assertRoom } from "../tools/room.ts";
import { withRootfsHelper } from "../tools/rootfs_helper.ts";
import { bakesOf, findBake } from "./bake_store.ts";
import type { Recipe } from "./recipe.ts";
import { roomyBase } from "./roomy_base.ts";
import type { Input, PlacedStep } from "./step.ts";
import { StepOutput } from "./step_output.ts";

export interface BuildRequest {
  /** What it stands on; its root file system is there. */
  readonly tool: InstalledTool;
  readonly recipe: Recipe;
  readonly machine: Machine;
  /** Make it anew from the first step though it is there. */
  readonly force?: boolean;
}

/** Where what the steps print goes. */
export interface BuildOutput {
  readonly progress: Progress;
  /** Undefined: only shown if a step fails. */
  readonly sink?: ByteSink | undefined;
}

/** Room for what a build may add before anybody looks, bytes. */
const ROOM_FOR_BUILD = 500e6;

/**
 * Runs the steps, each in a shell of its own; `sh` is all that the image has to have. What is in temporary directories
 * at the end is nobody's, and no package lists are kept. The first argument is {@link StepOutput.mark}, or empty.
 */
const DRIVER = `
mark=$1
shift
[ -z "$mark" ] || exec 2>&1
while [ $# -gt 0 ]; do
  [ -z "$mark" ] || printf '%s\\n' "$mark"
  printf '+ %s\\n' "$1" >&2
  case "$2" in
    '#!'*) printf '%s' "$2" > /tmp/silo-step && chmod 700 /tmp/silo-step && /tmp/silo-step </dev/null || exit ;;
    *) /bin/sh -e -c "$2" </dev/null || exit ;;
  esac
  shift 2
done
rm -rf /tmp/..?* /tmp/.[!.]* /tmp/* /var/tmp/..?* /var/tmp/.[!.]* /var/tmp/* /var/lib/apt/lists/* /var/cache/apt/*.bin
rm -f /var/cache/apt/archives/*.deb
exit 0
`;

const BUILD_ENV = {
  // Ask nothing.
  DEBIAN_FRONTEND: "noninteractive",
  PIP_ROOT_USER_ACTION: "ignore",
  PIP_NO_CACHE_DIR: "1",
  // Install where PATH finds it: by themselves these install into root's home.
  CARGO_INSTALL_ROOT: "/usr/local",
  DENO_INSTALL_ROOT: "/usr/local",
  GOBIN: "/usr/local/bin",
};

/**
 * The root file system of a recipe; built if it is not there, on what is there of its first steps. Two builders of one
 * recipe share the work. Whole or absent, wherever it is cut off.
 *
 * @throws {SiloError} if a step fails: with the end of what it printed, unless that was shown.
 */
export async function ensureBake(host: Host, request: BuildRequest, output: BuildOutput): Promise<RootfsEntry> {
  const { tool, recipe, force = false } = request;
  const store = bakesOf(host);
  const key = recipe.keys.at(-1);
  if (key === undefined) return { path: `${host.siloHome}/${tool.rootfs}`, size: 0 };
  const facts = {
    tool: tool.name,
    steps: recipe.steps.map(({ step }) => step.label.slice(0, 200)),
    madeAt: new Date(host.now()).toISOString(),
  };
  return await store.ensure(
    `sha256:${key}`,
    async (path) => {
      assertRoom(host, `build ${tool.name}`, ROOM_FOR_BUILD);
      const room = roomFor(recipe.steps);
      const base = await basis(host, request, output, host.platform === "macos" ? room : 0);
      using _base = useFile(base.path);
      await using roomy = base.done > 0 ? undefined : await withRootfsHelper(
        host,
        request.machine,
        output.progress,
        (create) => roomyBase(host, tool, room, path, create),
      );
      await runSteps(
        host,
        { ...request, base: roomy?.path ?? base.path, output: path },
        recipe.steps.slice(base.done),
        output,
      );
    },
    force,
    facts,
  );
}

/** What the result may grow to, MiB. */
function roomFor(steps: readonly PlacedStep[]): number {
  return steps.at(-1)!.settings.resources.rootfsSizeMB ?? DEFAULT_ROOTFS_SIZE_MB;
}

/**
 * The longest beginning of the recipe that is there, of at least `minMiB`; what another file says to build first is
 * built by itself, with the room that the other file gives it.
 */
async function basis(
  host: Host,
  request: BuildRequest,
  output: BuildOutput,
  minMiB: number,
): Promise<{ done: number; path: string }> {
  const { tool, recipe: { keys, steps }, force = false } = request;
  for (let done = keys.length - 1; done > 0; done--) {
    const isBoundary = steps[done - 1]!.settings !== steps[done]!.settings;
    const found = force && !isBoundary ? undefined : await findBake(host, keys[done - 1]!);
    if (found !== undefined && (isBoundary || found.size >= minMiB * 2 ** 20)) return { done, path: found.path };
    if (!isBoundary) continue;
    const recipe = { keys: keys.slice(0, done), steps: steps.slice(0, done) };
    return { done, path: (await ensureBake(host, { ...request, recipe, force: false }, output)).path };
  }
  return { done: 0, path: `${host.siloHome}/${tool.rootfs}` };
}

async function runSteps(
  host: Host,
  request: BuildRequest & { base: string; output: string },
  steps: readonly PlacedStep[],
  { progress, sink }: BuildOutput,
): Promise<void> {
  // Swept with the entry's other leftovers if this process is killed.
  const inputs = `${request.output}.inputs`;
  const tail = new StepOutput();
  try {
    writeInputs(inputs, steps.flatMap(({ step }) => step.inputs));
    const task = `build ${request.tool.name}`;
    progress({ task, phase: "start the sandbox" });
    const network = decideNetwork(host, steps.at(-1)!.settings.network, "default", "install");
    const plan = planBuild(host, request, steps, { inputs, network, mark: sink === undefined ? tail.mark : "" });
    const to = sink ?? tail;
    let refused = "";
    const running = vmBackend(host, request.machine.helper).start(
      plan,
      { stdin: { read: () => Promise.resolve(null) }, stdout: to, stderr: to },
      {
        started: () => progress({ task, phase: stepsText(steps) }),
        stopped: () => {},
        timing: () => {},
        attempts: () => {},
        network: ({ summary }) => refused = summary,
        warning: () => {},
      },
      null,
    );
    const exit = await running.exited;
    if (!("code" in exit) || exit.code !== 0) throw stepFailed(request.tool, exit, tail, refused);
  } finally {
    await Deno.remove(inputs, { recursive: true }).catch(() => {});
  }
}

function planBuild(
  host: Host,
  { tool, machine, base, output }: BuildRequest & { base: string; output: string },
  steps: readonly PlacedStep[],
  { inputs, network, mark }: { inputs: string; network: NetworkPlan | null; mark: string },
): RunPlan {
  const { settings } = steps.at(-1)!;
  const plan = planRun({
    host: { ...host, terminals: { stdin: false, stdout: false, stderr: false } },
    tool,
    warm: [],
    machine,
    workspace: planWorkspace({ root: inputs, inside: "" }, {}, () => "nothing"),
    // Nothing that belongs to the person or to one project: what is made is for everybody with this recipe.
    settings: {
      ...settings,
      passEnv: [],
      passFiles: [],
      ports: [],
      mounts: [],
      pre_run_hooks: [],
      env: { ...BUILD_ENV, ...settings.env },
    },
    mounts: [],
    argv: ["/bin/sh", "-c", DRIVER, "silo", mark, ...steps.flatMap(({ step }) => [step.label, step.run])],
    user: "root",
    network,
    variables: () => undefined,
  });
  // What is written stays: to a layer beside it nothing of it would go.
  const own = machine.linux === undefined ? { apple: { agent: machine.guest.path } } : {};
  return {
    ...plan,
    image: { ...plan.image, rootfs: base, copy: { path: output, sizeMiB: roomFor(steps) } },
    machine: { ...plan.machine, scratch: null, snapshots: null, ...own },
    process: { ...plan.process, cwd: WORKSPACE, stdio: { stdin: "null", stdout: "pipe", stderr: "pipe" } },
  };
}

function writeInputs(directory: string, inputs: readonly Input[]): void {
  Deno.mkdirSync(directory, { mode: 0o700 });
  for (const { path, bytes } of inputs) {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if (parent !== "") Deno.mkdirSync(`${directory}/${parent}`, { recursive: true });
    Deno.writeFileSync(`${directory}/${path}`, bytes);
  }
}

function stepsText(steps: readonly PlacedStep[]): string {
  return steps.length === 1 ? `run ${steps[0]!.step.label}` : `run ${steps.length} steps`;
}

function stepFailed(tool: InstalledTool, exit: Exit, tail: StepOutput, refused: string): SiloError {
  const how = "code" in exit ? `with ${exit.code}` : `by ${exit.signal}`;
  return new SiloError(`could not build ${tool.name}: a step ended ${how}`, {
    details: `${tail.text()}\n${refused}`.trim(),
    hint:
      "Nothing was kept. A build has no files of the project but those it names, and the network of `installAllow`.",
  });
}
