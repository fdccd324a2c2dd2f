/**
 * Carries out a run plan: a backend does the work, this connects it with the person's terminal and signals.
 *
 * @module
 */
import { EXIT, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import {
  type Backend,
  type ByteSource,
  type Exit,
  MachineKilled,
  type RunEvents,
  type RunIo,
  type Running,
} from "./backend.ts";
import type { ProcessSignals } from "./process_signals.ts";
import type { RunPlan } from "./run_plan.ts";
import { type HandledSignal, SignalPolicy } from "./signal_policy.ts";
import type { TerminalControl } from "./terminal.ts";

/** What a run stands on; everything but the plan and the backend can be replaced by a test's own. */
export interface RunEnvironment {
  readonly host: Host;
  readonly io: RunIo;
  readonly terminal: TerminalControl;
  readonly signals: ProcessSignals;
  readonly events: Pick<RunEvents, "timing" | "attempts" | "network" | "warning" | "detail">;
}

/**
 * Runs the plan to its end. The terminal is as before when this returns or throws.
 *
 * @throws {import("../errors.ts").SiloError} if the program could not be started or its machine was lost.
 */
export async function run<Plan extends RunnablePlan>(
  plan: Plan,
  backend: Backend<Plan>,
  environment: RunEnvironment,
): Promise<Exit> {
  const control = new RunControl(plan, backend, environment);
  return await control.exit();
}

/** What of a plan the terminal and the signals are about. */
export interface RunnablePlan {
  readonly process: Pick<RunPlan["process"], "stdio" | "terminal">;
  readonly timeoutMs?: number | null;
}

class RunControl<Plan extends RunnablePlan> {
  readonly #policy = new SignalPolicy();
  readonly #environment: RunEnvironment;
  readonly #running: Running;
  /** Raw mode is for the time between the program's start and its end, and only if its terminal is the full one. */
  readonly #wantsRaw: boolean;
  /** The signal that made us stop the machine, if one did. */
  #abortedBy: HandledSignal | undefined;
  #suspending = false;
  readonly #stopListening: () => void;
  readonly #timeoutMs: number | null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLate = false;

  constructor(plan: Plan, backend: Backend<Plan>, environment: RunEnvironment) {
    this.#environment = environment;
    this.#timeoutMs = plan.timeoutMs ?? null;
    const { terminal, signals, events } = environment;
    this.#wantsRaw = plan.process.terminal?.mode === "full";
    const size = plan.process.terminal === null ? null : terminal.size() ?? null;
    const { io } = environment;
    const fromTerminal = plan.process.stdio.stdin === "terminal";
    const polite = { ...io, stdin: { read: (buffer: Uint8Array) => this.#readTerminal(io.stdin, buffer) } };
    this.#running = backend.start(plan, fromTerminal ? polite : io, {
      ...events,
      started: () => this.#onStarted(),
      stopped: () => {
        // Without a terminal nobody pressed Ctrl-Z: a program that stops itself stops nobody who called it.
        if (plan.process.terminal !== null) void this.#suspend("stopped already");
      },
    }, size);
    this.#running.exited.catch(() => {});
    this.#stopListening = signals.listen((signal) => this.#onSignal(signal));
  }

  async exit(): Promise<Exit> {
    try {
      const exit = await this.#running.exited;
      if (this.#isLate) throw this.#late();
      return exit;
    } catch (error) {
      if (error instanceof MachineKilled && this.#isLate) throw this.#late();
      if (error instanceof MachineKilled && this.#abortedBy !== undefined) {
        return { signal: this.#abortedBy, number: ABORT_NUMBERS[this.#abortedBy] ?? 2 };
      }
      throw error;
    } finally {
      clearTimeout(this.#timer);
      this.#stopListening();
      this.#environment.terminal.restore();
    }
  }

  #onStarted(): void {
    this.#policy.started = true;
    this.#enterRaw();
    this.#resize(); // it may have changed while the machine came up
    if (this.#timeoutMs !== null) {
      this.#timer = setTimeout(() => this.#onLate(), Math.min(this.#timeoutMs, MAX_TIMER_MS));
    }
  }

  /** Asks the program to end, then ends its machine. */
  #onLate(): void {
    this.#isLate = true;
    void this.#running.signal("SIGTERM", "group");
    this.#timer = setTimeout(() => this.#running.kill(), GRACE_MS);
  }

  #late(): SiloError {
    return new SiloError(`could not let the tool go on: it ran for ${this.#timeoutMs! / 1_000} s, its limit`, {
      hint: "The limit is resources.timeoutSeconds in silo.toml, or --timeout.",
      exitCode: EXIT.TIMEOUT,
    });
  }

  #onSignal(signal: HandledSignal): void {
    const action = this.#policy.decide(signal, this.#environment.host.monotonic());
    if (action.do === "forward") void this.#running.signal(signal, action.scope);
    else if (action.do === "resize") this.#resize();
    else if (action.do === "suspend") void this.#suspend("stop it");
    else if (action.do === "resume") this.#resume(); // even if something else stopped us: the shell took the terminal
    else if (action.do === "abort") {
      this.#abortedBy = signal;
      this.#running.kill();
    }
  }

  /** The program stops, then we do; `#resume` is the way back. */
  async #suspend(program: "stop it" | "stopped already"): Promise<void> {
    if (this.#suspending) return;
    this.#suspending = true;
    if (program === "stop it" && this.#policy.started) await this.#running.signal("SIGTSTP", "group");
    this.#environment.terminal.restore();
    await this.#environment.signals.stopSelf();
    if (this.#suspending) this.#resume(); // SIGCONT may have done it
  }

  #resume(): void {
    this.#suspending = false;
    if (!this.#policy.started) return;
    this.#enterRaw();
    this.#resize();
    void this.#running.signal("SIGCONT", "group");
  }

  /** Takes the terminal if we may: in the background that would stop us. */
  #enterRaw(): void {
    const { terminal } = this.#environment;
    if (this.#wantsRaw && this.#policy.started && !this.#suspending && terminal.isOurs(false)) terminal.enterRaw();
  }

  /** Reads what is typed as soon as it is for us. */
  async #readTerminal(source: ByteSource, buffer: Uint8Array): Promise<number | null> {
    const { terminal } = this.#environment;
    while (this.#suspending || !terminal.isOurs(!this.#wantsRaw)) {
      await new Promise((resolve) => setTimeout(resolve, TERMINAL_POLL_MS));
      this.#enterRaw(); // a shell's fg does not say so to a job that runs
    }
    return await source.read(buffer);
  }

  #resize(): void {
    const size = this.#environment.terminal.size();
    if (size !== undefined) void this.#running.resize(size);
  }
}

/** How long a program that is late has to end by itself, milliseconds. */
const GRACE_MS = 5_000;
/** setTimeout() takes no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How often to look whether the terminal is ours again, milliseconds. */
const TERMINAL_POLL_MS = 200;

/** The numbers of the signals that abort a run, the same on Linux and macOS. */
const ABORT_NUMBERS: Partial<Record<HandledSignal, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 };
