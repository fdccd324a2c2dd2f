import type { Duplex } from "./duplex.ts";

const MIN_BYTES = 4_096;
const MAX_READ_BYTES = 65_536;
const EMPTY = new Uint8Array();

/**
 * Reads ahead, so that the beginning of a stream can be looked at before anything is decided. Holds what was not
 * consumed; whoever fills it without consuming has to bound that.
 */
export class BufferedReader {
  readonly #source: Duplex;
  #buffer: Uint8Array;
  #start = 0;
  #end: number;
  /** Whether the memory is ours, and not the caller's. */
  #owned = false;
  #ended = false;
  #pending: Promise<boolean> | undefined;
  /** Grows with what the stream brings, so that a thousand idle streams cost little. */
  #readBytes = MIN_BYTES;

  /** `first` are bytes that were read from `source` before. */
  constructor(source: Duplex, first: Uint8Array = EMPTY) {
    this.#source = source;
    this.#buffer = first;
    this.#end = first.length;
  }

  /** What was read and not consumed; valid until the next call of another method. */
  get buffered(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  consume(count: number): void {
    this.#start += count;
    if (this.#start > this.#end) throw new RangeError("consumed more than was buffered");
  }

  /** Reads more: false at the end of the stream. Calls beside each other wait for the same read. */
  fill(): Promise<boolean> {
    return this.#pending ??= this.#fill().finally(() => this.#pending = undefined);
  }

  /** Some bytes, at most `max`, and consumes them; null at the end. They are valid until the next call. */
  async take(max: number): Promise<Uint8Array | null> {
    if (this.#start === this.#end && !await this.fill()) return null;
    const bytes = this.#buffer.subarray(this.#start, Math.min(this.#end, this.#start + max));
    this.#start += bytes.length;
    return bytes;
  }

  async #fill(): Promise<boolean> {
    if (this.#ended) return false;
    const room = this.#readBytes;
    const kept = this.#end - this.#start;
    // The memory is used again once nothing in it is of use any more.
    const reuse = kept === 0 && this.#owned && this.#buffer.length >= room;
    const target = reuse ? this.#buffer : new Uint8Array(kept + room);
    const count = await this.#source.read(target.subarray(kept, kept + room));
    // The consumer may have gone on while the read was under way.
    const now = this.#end - this.#start;
    target.set(this.#buffer.subarray(this.#start, this.#end), kept - now);
    this.#buffer = target;
    this.#owned = true;
    this.#start = kept - now;
    this.#end = kept + (count ?? 0);
    if (count === null) this.#ended = true;
    else if (count === room) this.#readBytes = Math.min(MAX_READ_BYTES, room * 4);
    return count !== null;
  }
}
