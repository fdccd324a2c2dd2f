/**
 * Carries a run plan out in a micro-VM: run directory, data socket, helper, machine, process, and everything away
 * again. Whatever ends it, `exited` settles only when nothing is left.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import { HelperClient } from "../helper/client.ts";
import { attemptsOf, exitOf, processOf, textField, timingsOf } from "../helper/light_checks.ts";
import { textOf } from "../helper/byte_string.ts";
import type { SpawnedHelper } from "../helper/spawn.ts";
import type { Host } from "../host.ts";
import { within } from "../within.ts";
import {
  type Backend,
  type Exit,
  MachineKilled,
  type RunEvents,
  type RunIo,
  type Running,
  type SignalScope,
  type WindowSize,
} from "./backend.ts";
import { DataSocket, type StreamName } from "./data_socket.ts";
import { machineSpec, PROCESS, processSpec } from "./machine_spec.ts";
import { pumpIn, pumpOut, readOutput } from "./pumps.ts";
import type { ExecServer } from "./exec/exec_server.ts";
import { announceRun } from "./run_file.ts";
import { createRunDirectory, runBase, sweepRunDirectories } from "./run_directory.ts";
import { RunConnections } from "./run_connections.ts";
import type { RunPlan } from "./run_plan.ts";
import { stageFiles } from "./stage_files.ts";

const SIGNAL_LIMIT_MS = 5_000;
/** How long a program that only lends a hand may take. */
const OUTPUT_LIMIT_MS = 10_000;
const STOP_LIMIT_MS = 4_000;
/** Over the time that the machine's attempts may take by themselves. */
const START_MARGIN_MS = 15_000;
/** How long the helper may take to dial a stream once the program has ended. */
const DIAL_LIMIT_MS = 5_000;
const SWEEP_LIMIT_MS = 1_000;

export interface VmOptions {
  /**
   * Settle `exited` when a program that ran has ended and its output is written. The helper ends the machine when this
   * process ends; for a process that is about to.
   */
  readonly leavesTeardown?: boolean;
  /** A helper that was started before the plan was made; for one run. */
  readonly early?: SpawnedHelper | undefined;
}

/** The backend that boots a machine through `silo-helper`. */
export function vmBackend(host: Host, helperPath: string, options: VmOptions = {}): Backend {
  return { start: (plan, io, events, size) => new VmRun(host, helperPath, options, plan, io, events, size) };
}

/** The streams that come from the guest, each with its dialling and its end. */
type Outputs = Map<StreamName, { dialled: Promise<unknown>; done: Promise<void> }>;

class VmRun implements Running {
  readonly exited: Promise<Exit>;
  #client: HelperClient | undefined;
  #socket: DataSocket | undefined;
  #exec: ExecServer | undefined;
  #lastProcess = PROCESS;
  /** How the run ends; the first to settle it wins. */
  readonly #end = Promise.withResolvers<Exit>();
  #connections: RunConnections | undefined;
  #killed = false;
  #marked: number;

  constructor(
    private readonly host: Host,
    private readonly helperPath: string,
    private readonly options: VmOptions,
    private readonly plan: RunPlan,
    private readonly io: RunIo,
    private readonly events: RunEvents,
    private readonly size: WindowSize | null,
  ) {
    this.#end.promise.catch(() => {});
    this.#marked = host.monotonic();
    this.exited = this.#run();
  }

  async signal(name: string, scope: SignalScope): Promise<void> {
    const asked = { doing: `send ${name}` };
    await this.#client?.request("process/signal", { process: PROCESS, signal: name, scope }, asked, SIGNAL_LIMIT_MS)
      .catch(() => {});
  }

  async resize(size: WindowSize): Promise<void> {
    const asked = { doing: "resize the terminal" };
    await this.#client?.request("process/resize", { process: PROCESS, ...size }, asked, SIGNAL_LIMIT_MS)
      .catch(() => {});
  }

  async output(argv: readonly string[], maxBytes: number): Promise<Uint8Array | undefined> {
    const [client, socket] = [this.#client, this.#socket];
    if (client === undefined || socket === undefined) return undefined;
    const process = ++this.#lastProcess;
    const { env, user } = this.plan.process;
    const stdio = { stdin: "null", stdout: "pipe", stderr: "null" } as const;
    const spec = {
      process,
      argv: [...argv],
      env: [...env],
      cwd: "/",
      user: { ...user, groups: [...user.groups] },
      stdio,
    };
    const stream = socket.stream("stdout", process);
    try {
      await client.request("process/start", spec, { doing: `run ${argv[0]}` }, OUTPUT_LIMIT_MS);
    } catch {
      return undefined;
    }
    const dialled = await within(stream, DIAL_LIMIT_MS);
    return dialled && await within(readOutput(dialled, maxBytes), OUTPUT_LIMIT_MS);
  }

  kill(): void {
    this.#killed = true;
    this.#end.reject(new MachineKilled());
    this.#client?.kill();
  }

  async #run(): Promise<Exit> {
    const directory = createRunDirectory(this.host);
    let socket: DataSocket | undefined;
    let sweep: Promise<unknown> | undefined;
    let left = false;
    try {
      const connections = await RunConnections.make(this.plan, this.host, (text) => this.events.warning(text));
      this.#connections = connections;
      socket = this.#socket = new DataSocket(`${directory.path}/data`, connections.take.bind(connections));
      const client = this.#client = this.#spawn();
      const outputs = this.#connectStreams(socket);
      const started = this.#start(client, directory.path, socket.path);
      await Promise.resolve(); // its requests go out first
      announceRun(this.host, directory.path, this.plan);
      sweep = sweepRunDirectories(runBase(this.host), this.host.now());
      await started;
      void this.#letOthersIn(client, directory.path, socket);
      const exit = await this.#end.promise;
      this.#mark("program");
      await this.#finish(client, outputs);
      if (this.options.leavesTeardown) left = directory.removeNow();
      return exit;
    } catch (error) {
      throw this.#killed ? new MachineKilled() : error;
    } finally {
      this.#exec?.close();
      if (!left) await this.#client?.close();
      socket?.close();
      const outcome = await this.#connections?.close();
      if (outcome) this.events.network?.(outcome);
      if (!left) await directory.remove();
      if (sweep && !left) await within(sweep, SWEEP_LIMIT_MS);
    }
  }

  #spawn(): HelperClient {
    const client = new HelperClient(this.helperPath, this.host, {
      "process/exited": (params) => {
        if (processOf(params) !== PROCESS) return this.#exec?.notify(params);
        const exit = exitOf(params);
        if (exit) this.#end.resolve(exit);
        else this.#end.reject(new SiloError("could not learn how the program ended: silo-helper sent nonsense"));
      },
      "process/stopped": (params) => {
        if (processOf(params) === PROCESS) this.events.stopped(textField(params, "signal"));
        else this.#exec?.notify(params);
      },
      "ports/listening": (params) => this.#connections?.listening(params),
      "machine/exited": (params) => this.#end.reject(machineLost(params)),
      "log": (params) => {
        const tell = ["warn", "error"].includes(textField(params, "level")) ? this.events.warning : this.events.detail;
        tell?.(textField(params, "message"));
      },
    }, this.options.early);
    client.ended.then((error) => this.#end.reject(error));
    return client;
  }

  /** `silo exec`, once the program runs: nobody waits for this. */
  async #letOthersIn(client: HelperClient, directory: string, socket: DataSocket): Promise<void> {
    try {
      const { ExecServer } = await import("./exec/exec_server.ts");
      const machine = { client, socket, plan: this.plan, nextProcess: () => ++this.#lastProcess };
      this.#exec = new ExecServer(directory, machine);
    } catch { /* the run is over already */ }
  }

  /** Sends all there is to say in one go, so that no answer has to be waited for twice. */
  async #start(client: HelperClient, runDirectory: string, dataSocket: string): Promise<void> {
    const { boot } = this.plan.machine;
    // Each attempt may take twice as long as the one before.
    const limit = boot.timeoutMs * (2 ** boot.attempts - 1) + START_MARGIN_MS;
    const program = textOf(this.plan.process.argv[0] ?? "");
    const initialized = client.initialize();
    const machine = client.request(
      "machine/start",
      machineSpec(
        this.plan,
        runDirectory,
        dataSocket,
        stageFiles(this.plan.files, runDirectory),
        this.#connections?.authority,
      ),
      { doing: "start the sandbox" },
      limit,
    );
    const process = client.request(
      "process/start",
      processSpec(this.plan, this.size),
      { doing: `run ${program}`, program, cwd: this.plan.process.cwd },
      limit,
    );
    for (const request of [machine, process]) request.catch(() => {}); // the first failure is the one to tell
    const ended = this.#end.promise;
    await Promise.race([initialized, ended]);
    const started = await Promise.race([machine, ended]);
    const phases = timingsOf(started);
    this.#mark("helper", phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
    for (const { phase, milliseconds } of phases) this.events.timing(phase, milliseconds);
    this.events.attempts(attemptsOf(started));
    await Promise.race([process, ended]);
    this.#mark("program start");
    this.#connections?.started((stream, port) =>
      client.request(
        "stream/open",
        { stream, port },
        { doing: `connect to port ${port} of the sandbox` },
        DIAL_LIMIT_MS,
      )
    );
    this.events.started();
  }

  /** Begins to move bytes as streams are dialled; the outputs' promises settle at their ends. */
  #connectStreams(socket: DataSocket): Outputs {
    const { stdin, stdout, stderr } = this.plan.process.stdio;
    if (stdin !== "null") socket.stream("stdin").then((stream) => pumpIn(this.io.stdin, stream));
    const outputs: Outputs = new Map();
    const pump = (name: StreamName, sink: RunIo["stdout"]) => {
      const dialled = socket.stream(name);
      outputs.set(name, { dialled, done: dialled.then((stream) => pumpOut(stream, sink)) });
    };
    if (stdout === "pipe") pump("stdout", this.io.stdout);
    if (stderr === "pipe") pump("stderr", this.io.stderr);
    // What the guest prints on its terminal goes to whichever of ours is one.
    if (stdout === "terminal") pump("terminal", this.io.stdout);
    else if (stderr === "terminal") pump("terminal", this.io.stderr);
    else if (stdin === "terminal") pump("terminal", { write: (data) => Promise.resolve(data.length) });
    return outputs;
  }

  /** Waits for the rest of the output, and has the machine stopped meanwhile. */
  async #finish(client: HelperClient, outputs: Outputs): Promise<void> {
    const stopped = client.request("machine/stop", {}, { doing: "stop the sandbox" }, STOP_LIMIT_MS);
    stopped.catch(() => {}); // closing the helper does the same, only less politely
    for (const [name, output] of outputs) {
      if (await within(output.dialled, DIAL_LIMIT_MS) === undefined) {
        throw new SiloError(`could not read the program's ${name}: silo-helper never connected it`);
      }
      await output.done;
    }
    this.#mark("last output");
    if (this.options.leavesTeardown) return;
    await stopped.catch(() => {});
    this.#mark("stop");
  }

  /** Tells how long it is since the last phase, `known` milliseconds of which have been told already. */
  #mark(phase: string, known = 0): void {
    const now = this.host.monotonic();
    this.events.timing(phase, now - this.#marked - known);
    this.#marked = now;
  }
}

function machineLost(params: unknown): SiloError {
  const reasons: Record<string, string> = {
    panic: "its kernel panicked",
    killed: "it was killed",
    crashed: "the hypervisor crashed",
    protocol: "the guest broke the protocol",
    lost: "the connection to it was lost",
  };
  const reason = reasons[textField(params, "reason")] ?? "it ended";
  const message = textField(params, "message");
  const console = textField(params, "console");
  return new SiloError(`could not go on: the sandbox is gone: ${reason}${message && ` (${message})`}`, {
    details: console && `The end of the guest's console:\n${console}`,
    hint: "If the program needs more memory: silo run --memory MIB … or resources.memoryMB in silo.toml.",
  });
}
