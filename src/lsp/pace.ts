/**
 * How fast a server may speak. One that is faster is read more slowly, and waits as at any full pipe: nothing of what it
 * says is lost, and there is time for the editor's own messages.
 *
 * @module
 */

/** So much a second in the long run, and so much at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** One kind of thing that is counted: a leaky bucket. */
class Bucket {
  /** When all that was taken is paid for, milliseconds. */
  #paidAt = -Infinity;

  constructor(private readonly rate: Rate) {}

  /** Takes `amount`, and tells for how many milliseconds nothing more should be. */
  take(amount: number, now: number): number {
    const { perSecond, burst } = this.rate;
    this.#paidAt = Math.max(this.#paidAt, now) + (1_000 * amount) / perSecond;
    return Math.max(0, this.#paidAt - now - (1_000 * burst) / perSecond);
  }
}

export class Pace {
  readonly #messages: Bucket;
  readonly #bytes: Bucket;
  readonly #now: () => number;

  /** @param now a monotonic clock, milliseconds. */
  constructor(messages: Rate, bytes: Rate, now: () => number) {
    this.#messages = new Bucket(messages);
    this.#bytes = new Bucket(bytes);
    this.#now = now;
  }

  /** Counts a message of so many bytes. How long it has to wait, milliseconds. */
  take(bytes: number): number {
    const now = this.#now();
    return Math.max(this.#messages.take(1, now), this.#bytes.take(bytes, now));
  }
}
