import { Refusal } from "../refusal.ts";

/** Reads big-endian integers and vectors off a byte array, and refuses to read past its end. */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /** `what` is being read, for the message of the {@link Refusal}. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** An unsigned integer of 1 to 3 bytes. */
  uint(size: 1 | 2 | 3): number {
    return this.take(size).reduce((value, byte) => value << 8 | byte, 0);
  }

  take(count: number): Uint8Array {
    if (count > this.left) throw new Refusal("protocol", `the ${this.#what} is malformed: it ends too early`);
    return this.#bytes.subarray(this.#at, this.#at += count);
  }

  /** A vector whose length stands before it in `size` bytes. */
  vector(size: 1 | 2 | 3): ByteCursor {
    return new ByteCursor(this.take(this.uint(size)), this.#what);
  }

  /** Refuses bytes that are left over. */
  finish(): void {
    if (this.left > 0) throw new Refusal("protocol", `the ${this.#what} is malformed: bytes are left over`);
  }
}
