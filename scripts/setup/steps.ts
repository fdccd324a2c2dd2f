/**
 * Numbered steps with their time, and progress inside a step.
 *
 * On a terminal the progress is one line that is written over; elsewhere it is a line for each phase.
 *
 * @module
 */
import type { Progress, ProgressEvent } from "../../src/debian/progress.ts";
import { printable, renderError } from "../../src/errors.ts";

/** The parts of a stream that steps are written to. */
export interface Output {
  readonly isTerminal: boolean;
  /** Characters in a line of the terminal. */
  readonly columns: number;
  write(text: string): void;
}

/** How often the live line changes at most, milliseconds. */
const REFRESH_MS = 100;

export class Steps {
  readonly #output: Output;
  readonly #count: number;
  #number = 0;

  /** @param count How many steps there will be. */
  constructor(count: number, output: Output = standardError()) {
    this.#count = count;
    this.#output = output;
  }

  /** Runs one step. Its result may be told: a short text that stands beside the time. */
  async run<T>(
    title: string,
    action: (progress: Progress) => Promise<T>,
    tell: (result: T) => string = () => "",
  ): Promise<T> {
    const label = `[${++this.#number}/${this.#count}] ${title}`;
    const live = new LiveLine(this.#output, label);
    const started = performance.now();
    try {
      const result = await action(live.progress);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      live.end(`${label}: ${tell(result) || "done"} (${seconds} s)`);
      return result;
    } catch (error) {
      live.end(`${label}: failed`);
      throw error;
    }
  }
}

class LiveLine {
  readonly #output: Output;
  readonly #label: string;
  #drawn = -Infinity;
  #phase = "";

  constructor(output: Output, label: string) {
    this.#output = output;
    this.#label = label;
    output.write(output.isTerminal ? `${label} …` : `${label}\n`);
  }

  readonly progress: Progress = (event) => {
    const now = performance.now();
    // Counted phases ("unpack 3 of 40") are one phase for a log.
    const phase = `${event.task}: ${event.phase.replace(/\d+ of \d+/, "").trim()}`;
    if (this.#output.isTerminal) {
      if (now - this.#drawn < REFRESH_MS && phase === this.#phase) return;
      this.#drawn = now;
      this.#phase = phase;
      const line = `${this.#label} … ${describe(event)}`;
      this.#output.write(`\r\x1b[K${printable(line).slice(0, this.#output.columns - 1)}`);
    } else if (phase !== this.#phase) {
      this.#phase = phase;
      this.#output.write(`      ${printable(describe(event))}\n`);
    }
  };

  end(text: string) {
    this.#output.write(`${this.#output.isTerminal ? "\r\x1b[K" : ""}${text}\n`);
  }
}

/** "download 12 of 70 MB (17 %)". */
export function describe(event: ProgressEvent): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  const text = `${event.task}: ${event.phase}`;
  if (event.done === undefined) return text;
  if (!event.total) return `${text} ${megabytes(event.done)} MB`;
  const percent = Math.floor(100 * event.done / event.total);
  return `${text} ${megabytes(event.done)} of ${megabytes(event.total)} MB (${percent} %)`;
}

/** Runs a script's main function; a failure is told as silo tells its own, and ends with its exit code. */
export async function main(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    Deno.stderr.writeSync(new TextEncoder().encode(renderError(error)));
    Deno.exit((error as { exitCode?: number }).exitCode ?? 125);
  }
}

function standardError(): Output {
  const isTerminal = Deno.stderr.isTerminal();
  const encoder = new TextEncoder();
  return {
    isTerminal,
    columns: isTerminal ? Deno.consoleSize().columns || 80 : 80,
    write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
  };
}
