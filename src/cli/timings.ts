/**
 * Where the time of a run went, for `--timing`.
 *
 * @module
 */
import type { Host } from "../host.ts";

export class Timings {
  /** How many times the machine had to be started. */
  attempts = 1;
  readonly #host: Host;
  readonly #start: number;
  readonly #phases: { phase: string; milliseconds: number }[] = [];

  constructor(host: Host) {
    this.#host = host;
    this.#start = host.monotonic();
  }

  add(phase: string, milliseconds: number): void {
    this.#phases.push({ phase, milliseconds });
  }

  /** Milliseconds since this was made. */
  sinceStart(): number {
    return this.#host.monotonic() - this.#start;
  }

  /** A line per phase; ends with a newline. */
  report(): string {
    const rows = [...this.#phases, { phase: "whole run", milliseconds: this.sinceStart() }];
    const width = Math.max(...rows.map(({ phase }) => phase.length));
    const lines = rows.map(({ phase, milliseconds }) =>
      `silo: ${phase.padEnd(width)} ${milliseconds.toFixed(1).padStart(9)} ms`
    );
    return [...lines, `silo: attempts: ${this.attempts}`, ""].join("\n");
  }
}
