/**
 * What carries a run plan out. One real implementation so far: a micro-VM through the helper.
 *
 * @module
 */
import type { RunPlan } from "./run_plan.ts";

/** How a program ended. */
export type Exit = { readonly code: number } | { readonly signal: string; readonly number: number };

/** Where a signal goes: to the program itself, or to the foreground process group as from a terminal. */
export type SignalScope = "process" | "group";

/** The three streams of silo itself, behind an interface so that tests can give others. */
export interface RunIo {
  readonly stdin: ByteSource;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
}

export interface ByteSource {
  /** Fills a part of `buffer`: the number of bytes, or null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

export interface ByteSink {
  /** Writes a part of `data` and returns how many bytes. Throws `BrokenPipe` if nobody reads any more. */
  write(data: Uint8Array): Promise<number>;
}

/** What happens during a run that its owner wants to know. */
export interface RunEvents {
  /** The program has been started: from here on its terminal counts. */
  started(): void;
  /** The foreground job was stopped from inside, as by Ctrl-Z. */
  stopped(signal: string): void;
  /** A phase is over; milliseconds. For `--timing`. */
  timing(phase: string, milliseconds: number): void;
  /** How many times the machine had to be started until it came up. */
  attempts(count: number): void;
  /** What came of the network, when the run is over. */
  network?(outcome: NetworkOutcome): void;
  /** Something a person should know that is no failure. */
  warning(message: string): void;
  /** What goes on inside, for whoever wants to know. */
  detail?(message: string): void;
}

/** What a run asked of the network. */
export interface NetworkOutcome {
  /** What a person is to be told: lines, each ended; "" if nothing. */
  readonly summary: string;
  readonly hosts: readonly AskedHost[];
}

export interface AskedHost {
  readonly host: string;
  /** Null for a name that only DNS was asked for. */
  readonly port: number | null;
  readonly allowed: boolean;
  readonly count: number;
  /** Why it was refused; "" if it was not. */
  readonly reason: string;
}

/** The size of a terminal, in characters. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** A run under way. */
export interface Running {
  /**
   * How the program ended, once all of its output was written and nothing is left of the machine.
   * Rejects with a {@link import("../errors.ts").SiloError} if it could not be started or the machine was lost.
   */
  readonly exited: Promise<Exit>;
  /** Passes a signal on. Never throws: a program that is gone needs none. */
  signal(name: string, scope: SignalScope): Promise<void>;
  /** Tells the guest the new size of the terminal. Never throws. */
  resize(size: WindowSize): Promise<void>;
  /**
   * Runs another program in the same machine, as the same user, and gives what it prints, at most `maxBytes`.
   * Undefined if it cannot be run. It ends with the machine at the latest.
   */
  output(argv: readonly string[], maxBytes: number): Promise<Uint8Array | undefined>;
  /** Stops the machine at once. `exited` rejects with {@link MachineKilled}. */
  kill(): void;
}

/** The machine was stopped because its owner asked for it. */
export class MachineKilled extends Error {
  override readonly name = "MachineKilled";
}

export interface Backend<Plan = RunPlan> {
  /** Begins to carry the plan out. `size` is the terminal's, if the plan has one. Failures come through `exited`. */
  start(plan: Plan, io: RunIo, events: RunEvents, size: WindowSize | null): Running;
}
