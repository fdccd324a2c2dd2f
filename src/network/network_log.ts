/**
 * What the network refused, over all runs: `logs/network.jsonl` in the silo home, one JSON object a line. Bounded: a
 * full file becomes `network.1.jsonl`, in the place of an older one.
 *
 * @module
 */
import type { Denial } from "./ledger.ts";

const MAX_BYTES = 4 << 20;

/** One line of the log. */
export interface LogEntry extends Denial {
  readonly tool: string;
}

export function networkLogFile(siloHome: string): string {
  return `${siloHome}/logs/network.jsonl`;
}

export class NetworkLog {
  readonly #path: string;

  constructor(siloHome: string) {
    this.#path = networkLogFile(siloHome);
  }

  /** Adds a line. Never throws: a run does not end because its log cannot be written. */
  append(tool: string, denial: Denial): void {
    try {
      Deno.mkdirSync(this.#path.slice(0, this.#path.lastIndexOf("/")), { recursive: true, mode: 0o700 });
      this.#rotate();
      // One write a line, at the end of the file: lines of runs at the same time do not mix.
      Deno.writeTextFileSync(this.#path, `${JSON.stringify({ tool, ...denial })}\n`, { append: true, mode: 0o600 });
    } catch { /* told at the end of the run all the same */ }
  }

  #rotate(): void {
    try {
      if (Deno.statSync(this.#path).size < MAX_BYTES) return;
      Deno.renameSync(this.#path, this.#path.replace(/\.jsonl$/, ".1.jsonl"));
    } catch { /* not there yet */ }
  }
}

/** The last `count` lines, the oldest first; what cannot be read is left out. */
export function readNetworkLog(siloHome: string, count: number): LogEntry[] {
  const current = networkLogFile(siloHome);
  const entries: LogEntry[] = [];
  for (const path of [current.replace(/\.jsonl$/, ".1.jsonl"), current]) {
    let text = "";
    try {
      text = Deno.readTextFileSync(path);
    } catch { /* not there */ }
    for (const line of text.split("\n")) {
      try {
        if (line !== "") entries.push(JSON.parse(line) as LogEntry);
      } catch { /* cut off by a full disk */ }
    }
  }
  return entries.slice(-count);
}
