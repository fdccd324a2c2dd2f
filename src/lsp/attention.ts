/** How often a server may ask for a person's attention. @module */
import { MAX_ATTENTION } from "./limits.ts";

export class Attention {
  readonly #now: () => number;
  #times: number[] = [];

  /** @param now a monotonic clock, milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether there is some left; takes it. */
  take(): boolean {
    const now = this.#now();
    this.#times = this.#times.filter((time) => time > now - MAX_ATTENTION.withinMs);
    if (this.#times.length >= MAX_ATTENTION.count) return false;
    this.#times.push(now);
    return true;
  }
}
