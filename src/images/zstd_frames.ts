/**
 * Cuts a zstd stream at the ends of its frames, and takes out those that hold no data.
 *
 * Layers made for lazy pulling ("zstd:chunked") and by parallel compressors are many frames one after the other. Deno
 * 2.9's decompressor drops what follows a frame in the same chunk, and takes a stream that is cut off for a whole one;
 * with a chunk that ends where its frame does, it goes on with the next.
 *
 * Format: RFC 8878, section 3.1.
 *
 * @module
 */
import { TarError } from "./tar_entry.ts";

const MAGIC = 0xfd2fb528;
const MAGIC_BYTES = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
/** The first of 16. */
const SKIPPABLE = 0x184d2a50;

/** What the next bytes are. */
type Part = "magic" | "descriptor" | "fields" | "block" | "content" | "skip" | "checksum";
/** Those whose bytes are looked at. */
const HEADERS: readonly Part[] = ["magic", "descriptor", "fields", "block"];

/**
 * The same stream in other chunks: none reaches over the end of a frame.
 *
 * @throws {TarError} if it ends inside a frame, or is not made of frames.
 */
export async function* alignFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const cutter = new FrameCutter();
  for await (const chunk of chunks) yield* cutter.cut(chunk);
  if (!cutter.isBetweenFrames) throw new TarError("the layer's compressed data is truncated");
}

/** Whether data begins with a frame that holds none: a zstd stream may. */
export function isSkippableFrame(start: Uint8Array): boolean {
  return start.length >= 4 && (start[0]! & 0xf0) === 0x50 && start[1] === 0x2a && start[2] === 0x4d &&
    start[3] === 0x18;
}

class FrameCutter {
  #part: Part = "magic";
  #left = 4;
  #header: number[] = [];
  #hasChecksum = false;
  #isSkippable = false;
  #isLastBlock = false;

  get isBetweenFrames(): boolean {
    return this.#part === "magic" && this.#left === 4;
  }

  /** The pieces of a chunk, each of one frame. Magic numbers come by themselves: only then is it known what follows. */
  *cut(chunk: Uint8Array): Generator<Uint8Array> {
    let start = 0; // of the piece that has not been handed out
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(this.#left, chunk.length - at);
      if (HEADERS.includes(this.#part)) this.#header.push(...chunk.subarray(at, at + taken));
      at += taken;
      this.#left -= taken;
      while (this.#left === 0) {
        const ended = this.#part;
        this.#next();
        if (ended === "magic") {
          if (!this.#isSkippable) yield MAGIC_BYTES;
          start = at;
        } else if (this.#part === "magic") {
          if (!this.#isSkippable && start < at) yield chunk.subarray(start, at);
          start = at;
        }
      }
    }
    if (start < chunk.length && this.#part !== "magic" && !this.#isSkippable) yield chunk.subarray(start);
  }

  #next(): void {
    const header = this.#header;
    this.#header = [];
    const number = header.reduce((sum, byte, at) => sum + byte * 256 ** at, 0);
    switch (this.#part) {
      case "magic":
        this.#isSkippable = number >= SKIPPABLE && number < SKIPPABLE + 16;
        if (!this.#isSkippable && number !== MAGIC) throw new TarError("the layer's compressed data is damaged");
        return this.#expect(this.#isSkippable ? "fields" : "descriptor", this.#isSkippable ? 4 : 1);
      case "descriptor": {
        const isSingle = (number & 0x20) !== 0;
        this.#hasChecksum = (number & 4) !== 0;
        const contentSize = [isSingle ? 1 : 0, 2, 4, 8][number >> 6]!;
        return this.#expect("fields", (isSingle ? 0 : 1) + [0, 1, 2, 4][number & 3]! + contentSize);
      }
      case "fields":
        return this.#isSkippable ? this.#expect("skip", number) : this.#expect("block", 3);
      case "block": {
        this.#isLastBlock = (number & 1) !== 0;
        const type = (number >> 1) & 3;
        if (type === 3) throw new TarError("the layer's compressed data is damaged");
        return this.#expect("content", type === 1 ? 1 : number >> 3); // type 1 repeats one byte
      }
      case "content":
        if (!this.#isLastBlock) return this.#expect("block", 3);
        return this.#hasChecksum ? this.#expect("checksum", 4) : this.#expect("magic", 4);
      case "skip":
      case "checksum":
        return this.#expect("magic", 4);
    }
  }

  #expect(part: Part, length: number): void {
    this.#part = part;
    this.#left = length;
  }
}
