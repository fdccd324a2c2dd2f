/**
 * How far long work is: on a terminal one line that is written over, elsewhere a line for each phase.
 *
 * @module
 */
import type { Progress, ProgressEvent } from "../debian/progress.ts";
import { printable } from "../errors.ts";
import type { Host } from "../host.ts";
import { writeAll } from "./output.ts";
import { columnsOf } from "./terminal_width.ts";

/** How often the line is written over at most, milliseconds. */
const REFRESH_MS = 100;
/** How often it tells how long a phase has taken, and after which time it begins to; milliseconds. */
const TICK_MS = 1_000;
const LONG_MS = 2_000;

export class ProgressLine {
  readonly #live: boolean;
  readonly #host: Pick<Host, "terminals" | "monotonic" | "verbosity">;
  readonly #write: (text: string) => void;
  #drawnAt = -Infinity;
  #phase = "";
  #since = 0;
  #event: ProgressEvent | undefined;
  #timer: number | undefined;

  constructor(
    host: Pick<Host, "terminals" | "monotonic" | "verbosity">,
    write = (text: string) => writeAll(Deno.stderr, text),
  ) {
    this.#live = host.terminals.stderr && host.verbosity === "normal";
    this.#host = host;
    this.#write = host.verbosity === "quiet" ? () => {} : write;
  }

  readonly show: Progress = (event) => {
    // Counted phases ("unpack 3 of 40") are one phase for a log.
    const phase = printable(`${event.task}: ${event.phase}`).replaceAll("\n", " ").replace(/\s*\d+ of \d+/, "");
    const isNew = phase !== this.#phase;
    this.#event = event;
    if (isNew) {
      this.#tellTime();
      this.#since = this.#host.monotonic();
      this.#phase = phase;
    }
    if (!this.#live) {
      if (isNew) this.#write(`${phase}\n`);
      return;
    }
    if (this.#timer === undefined) {
      this.#timer = Number(setInterval(() => this.#draw(), TICK_MS));
      Deno.unrefTimer(this.#timer);
    }
    if (isNew || this.#host.monotonic() - this.#drawnAt >= REFRESH_MS) this.#draw();
  };

  /** Removes the line. */
  clear(): void {
    // Not by a call in vain: Deno loads its timers with the first one, which takes 3 ms.
    if (this.#timer !== undefined) clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#live && this.#phase !== "") this.#write("\r\x1b[K");
    this.#tellTime();
    this.#phase = "";
  }

  #draw(): void {
    this.#drawnAt = this.#host.monotonic();
    const elapsed = this.#drawnAt - this.#since;
    const text = progressText(
      this.#event!,
      columnsOf(this.#host, "stderr") - 1,
      elapsed < LONG_MS ? undefined : elapsed,
    );
    this.#write(`\r\x1b[K${text}`);
  }

  /** With `--verbose` each phase says at its end how long it took. */
  #tellTime(): void {
    if (this.#host.verbosity !== "verbose" || this.#phase === "") return;
    this.#write(`  took ${((this.#host.monotonic() - this.#since) / 1_000).toFixed(1)} s\n`);
  }
}

/** Cells of a bar, if there is room for it. */
const BAR_CELLS = 20;

/**
 * "fetch the kernel: download 12 of 70 MB (17 %)", with a bar if it fits; at most `width` characters.
 *
 * @param elapsedMs how long the phase has taken, where that is worth a word.
 */
export function progressText(event: ProgressEvent, width = Infinity, elapsedMs?: number): string {
  const text = printable(`${event.task}: ${event.phase}`).replaceAll("\n", " ");
  if (event.done === undefined) {
    const time = elapsedMs === undefined ? "" : ` (${duration(elapsedMs)})`;
    const room = width - time.length;
    return (text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`).slice(0, width) + time;
  }
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  if (!event.total) return `${text} ${megabytes(event.done)} MB`.slice(0, width);
  const share = Math.min(1, event.done / event.total);
  const counted = `${megabytes(event.done)} of ${megabytes(event.total)} MB (${Math.floor(100 * share)} %)`;
  const filled = Math.floor(share * BAR_CELLS);
  const barred = `${text} ${"━".repeat(filled)}${"╌".repeat(BAR_CELLS - filled)} ${counted}`;
  return width < Infinity && barred.length <= width ? barred : `${text} ${counted}`.slice(0, width);
}

function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
