/**
 * How far long work is: on a terminal one line that is written over, elsewhere a line for each phase.
 *
 * @module
 */
import type { Progress, ProgressEvent } from "../debian/progress.ts";
import { printable } from "../errors.ts";
import type { Host } from "../host.ts";
import { writeAll } from "./output.ts";

/** How often the line is written over at most, milliseconds. */
const REFRESH_MS = 100;

export class ProgressLine {
  readonly #live: boolean;
  readonly #now: () => number;
  readonly #write: (text: string) => void;
  #drawnAt = -Infinity;
  #phase = "";

  constructor(host: Pick<Host, "terminals" | "monotonic">, write = (text: string) => writeAll(Deno.stderr, text)) {
    this.#live = host.terminals.stderr;
    this.#now = host.monotonic;
    this.#write = write;
  }

  readonly show: Progress = (event) => {
    // Counted phases ("unpack 3 of 40") are one phase for a log.
    const phase = printable(`${event.task}: ${event.phase}`).replaceAll("\n", " ").replace(/\s*\d+ of \d+/, "");
    if (this.#live) {
      if (phase === this.#phase && this.#now() - this.#drawnAt < REFRESH_MS) return;
      this.#drawnAt = this.#now();
      this.#write(`\r\x1b[K${progressText(event, columns() - 1)}`);
    } else if (phase !== this.#phase) {
      this.#write(`${phase}\n`);
    }
    this.#phase = phase;
  };

  /** Removes the line. */
  clear(): void {
    if (this.#live && this.#phase !== "") this.#write("\r\x1b[K");
  }
}

/** Cells of a bar, if there is room for it. */
const BAR_CELLS = 20;

/** "fetch the kernel: download 12 of 70 MB (17 %)", with a bar if it fits; at most `width` characters. */
export function progressText(event: ProgressEvent, width = Infinity): string {
  const text = printable(`${event.task}: ${event.phase}`).replaceAll("\n", " ");
  if (event.done === undefined) return text.slice(0, width);
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  if (!event.total) return `${text} ${megabytes(event.done)} MB`.slice(0, width);
  const share = Math.min(1, event.done / event.total);
  const counted = `${megabytes(event.done)} of ${megabytes(event.total)} MB (${Math.floor(100 * share)} %)`;
  const filled = Math.floor(share * BAR_CELLS);
  const barred = `${text} ${"━".repeat(filled)}${"╌".repeat(BAR_CELLS - filled)} ${counted}`;
  return width < Infinity && barred.length <= width ? barred : `${text} ${counted}`.slice(0, width);
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || 80; // a terminal that does not know its size says 0
  } catch {
    return 80;
  }
}
