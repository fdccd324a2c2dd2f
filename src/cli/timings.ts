/**
 * Where the time of a run went, for `--timing`: phases in their order, which add up to the whole.
 *
 * @module
 */
import type { Host } from "../host.ts";

/** What is less is no phase, milliseconds. */
const NOTICEABLE_MS = 0.05;

export class Timings {
  /** How many times the machine had to be started from cold; at least 1. */
  attempts = 1;
  readonly #host: Host;
  readonly #phases: { phase: string; milliseconds: number }[] = [];

  /** Made at the beginning of the command; what came before is the phase "deno". */
  constructor(host: Host) {
    this.#host = host;
    this.add("deno", host.monotonic());
  }

  add(phase: string, milliseconds: number): void {
    this.#phases.push({ phase, milliseconds });
  }

  /** Adds a phase that ends now and began where the last one ended. */
  mark(phase: string): void {
    this.add(phase, this.#host.monotonic() - this.#told());
  }

  /** What has been noted so far. */
  get phases(): readonly { phase: string; milliseconds: number }[] {
    return this.#phases;
  }

  /** A line per phase; ends with a newline. */
  report(): string {
    const whole = this.#host.monotonic();
    const rest = whole - this.#told();
    const rows = [
      ...this.#phases,
      ...(rest >= NOTICEABLE_MS ? [{ phase: "rest", milliseconds: rest }] : []),
      { phase: "whole run", milliseconds: whole },
    ];
    const width = Math.max(...rows.map(({ phase }) => phase.length));
    const lines = rows.map(({ phase, milliseconds }) =>
      `silo: ${phase.padEnd(width)} ${milliseconds.toFixed(1).padStart(9)} ms`
    );
    return [...lines, `silo: attempts: ${this.attempts}`, ""].join("\n");
  }

  #told(): number {
    return this.#phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  }
}
