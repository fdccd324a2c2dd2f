/**
 * What an editor says, read ahead of whoever listens: that the editor is gone is known even while there is no server yet,
 * or none that reads.
 *
 * @module
 */
import type { ByteSource } from "../engine/backend.ts";
import { reasonOf } from "../errors.ts";
import { within } from "../within.ts";
import { FrameReader } from "./frames.ts";
import { MAX_UNREAD_BYTES, UNREAD_LIMIT_MS } from "./limits.ts";
import { isExit } from "./first_message.ts";

const CHUNK_BYTES = 128 * 1024;

/** How an editor leaves: it says `exit`, its end of the pipe is closed, or it cannot be listened to any more. */
export type Leave = "exit" | "input" | Error;

/** Nobody has read what the editor said for too long. */
export class NobodyReads extends Error {
  override readonly name = "NobodyReads";
}

export class EditorInput implements AsyncIterable<Uint8Array> {
  readonly #kept: Uint8Array[] = [];
  #bytes = 0;
  readonly #left = Promise.withResolvers<Leave>();
  #ended: { readonly error: unknown } | undefined;
  #came = Promise.withResolvers<void>();
  #taken = Promise.withResolvers<void>();
  readonly #limits: { readonly bytes: number; readonly ms: number };

  /** Begins to read. */
  constructor(source: ByteSource, limits = { bytes: MAX_UNREAD_BYTES, ms: UNREAD_LIMIT_MS }) {
    this.#limits = limits;
    void this.#read(source);
  }

  /** How the editor left, as soon as that is known: all that it said before may still be unread. Never rejects. */
  get left(): Promise<Leave> {
    return this.#left.promise;
  }

  /**
   * Its messages, in order. For one listener at a time; another one may go on where it stopped.
   *
   * @throws {import("./frames.ts").MalformedFrame} if what it sent is no message.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.#kept.shift();
      if (next !== undefined) {
        this.#bytes -= next.length;
        this.#taken.resolve();
        this.#taken = Promise.withResolvers();
        yield next;
      } else if (this.#ended === undefined) {
        await this.#came.promise;
        this.#came = Promise.withResolvers();
      } else if (this.#ended.error === undefined) return;
      else throw this.#ended.error;
    }
  }

  async #read(source: ByteSource): Promise<void> {
    const reader = new FrameReader();
    const buffer = new Uint8Array(CHUNK_BYTES);
    try {
      for (let count = await source.read(buffer); count !== null; count = await source.read(buffer)) {
        for (const body of reader.push(buffer.subarray(0, count))) await this.#keep(body);
      }
      this.#end("input", undefined);
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(reasonOf(error)), error);
    }
  }

  async #keep(body: Uint8Array): Promise<void> {
    if (isExit(body)) this.#left.resolve("exit");
    this.#kept.push(body);
    this.#bytes += body.length;
    this.#came.resolve();
    while (this.#bytes > this.#limits.bytes) {
      if (await within(this.#taken.promise.then(() => true), this.#limits.ms) === undefined) {
        throw new NobodyReads(`it has read nothing of what the editor said for ${this.#limits.ms / 1_000} s`);
      }
    }
  }

  #end(leave: Leave, error: unknown): void {
    this.#left.resolve(leave);
    this.#ended = { error };
    this.#came.resolve();
  }
}
