/**
 * One helper process and the requests to it. Every request has a time limit; a helper that ends by itself fails all of
 * them with the end of what it wrote on stderr.
 *
 * @module
 */
import { reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { PROTOCOL_VERSION, VERSION } from "../version.ts";
import { within } from "../within.ts";
import { Connection, ResponseError } from "./connection.ts";
import { type Asked, errorFromHelper, versionError } from "./errors.ts";
import { type SpawnedHelper, spawnHelper } from "./spawn.ts";
import type { Method, Notification, Params, Result } from "./protocol.ts";

const INITIALIZE_LIMIT_MS = 10_000;
/** How long a helper may take to go once its stdin is closed; it promises 2 s for the machine. */
const CLOSE_LIMIT_MS = 4_000;
/** How long to go on reading from a helper that has ended. */
const LAST_WORDS_MS = 1_000;
const STDERR_TAIL_BYTES = 4_096;

type Handlers = Partial<Record<Notification, (params: unknown) => void>>;

/** A running helper. */
export class HelperClient {
  readonly #child: Deno.ChildProcess;
  readonly #connection: Connection;
  readonly #stderr: StderrTail;
  readonly #path: string;
  #closing = false;

  /** Resolves with an error when the helper has ended, asked or not. Never rejects. */
  readonly ended: Promise<SiloError>;

  /**
   * Starts the helper; returns at once.
   *
   * @param handlers what to do with notifications; others are ignored. They see the messages unchecked.
   * @param early a helper of the same path that was started before.
   * @throws {SiloError} if the helper cannot be started.
   */
  constructor(path: string, host: Host, handlers: Handlers = {}, early?: SpawnedHelper) {
    this.#path = path;
    this.#child = (early?.path === path ? early : spawnHelper(path, host)).child;
    this.#stderr = new StderrTail(this.#child.stderr);
    this.#connection = new Connection(this.#child.stdout, this.#child.stdin, handlers);
    this.ended = this.#watch();
    this.#connection.closed.then((broken) => this.#leave(broken));
  }

  /** The first request: agree on the protocol. Later requests may be sent without waiting for it. */
  async initialize(): Promise<Result<"initialize">> {
    const client = { name: "silo", version: VERSION };
    const asked = { doing: "talk to silo-helper" };
    const result = await this.request(
      "initialize",
      { protocol: PROTOCOL_VERSION, client },
      asked,
      INITIALIZE_LIMIT_MS,
    );
    const major = (version: unknown) => String(version).split(".")[0];
    if (major(result?.protocol) !== major(PROTOCOL_VERSION)) {
      throw versionError(`${result?.protocol} (${result?.helper?.name} ${result?.helper?.version})`);
    }
    return result;
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @param limitMs how long the answer may take, milliseconds.
   * @throws {SiloError} if the helper refuses, ends, or does not answer in time.
   */
  async request<M extends Method>(method: M, params: Params<M>, asked: Asked, limitMs: number): Promise<Result<M>> {
    const answer = this.#connection.request(method, params) as Promise<Result<M>>;
    const ended = this.ended.then((error) => {
      throw error;
    });
    // Deno loads its timers with the first one, which takes 3 ms: what is sent in one go is sent before.
    await Promise.resolve();
    try {
      const result = await within(Promise.race([answer, ended]), limitMs);
      if (result !== undefined) return result;
    } catch (error) {
      if (error instanceof SiloError) throw error;
      if (error instanceof ResponseError) throw errorFromHelper(error, asked);
      // A stream that broke is almost always a helper that just ended; its end is the better error.
      throw await within(this.ended, 1_000) ?? new SiloError(`could not ${asked.doing}: ${reasonOf(error)}`);
    }
    throw new SiloError(`could not ${asked.doing}: silo-helper did not answer within ${Math.round(limitMs / 1000)} s`, {
      hint: "Try again; `silo doctor` shows whether the virtual machine can work here.",
    });
  }

  /** Closes the helper's stdin, which stops whatever it runs, and waits until it is gone; kills it if that takes long. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#connection.end();
    if (await within(this.ended, CLOSE_LIMIT_MS) === undefined) this.kill();
    await this.ended;
  }

  /** Ends the helper at once; the kernel ends its machine with it. */
  kill(): void {
    this.#closing = true;
    try {
      this.#child.kill("SIGKILL");
    } catch { /* it has ended by itself */ }
  }

  /** A helper that says no more, or nonsense, is of no use; that it ended is reported by `ended`. */
  async #leave(broken: Error | undefined): Promise<void> {
    if (broken === undefined) {
      this.#connection.end();
      if (await within(this.ended, CLOSE_LIMIT_MS) !== undefined) return;
    }
    this.kill();
  }

  async #watch(): Promise<SiloError> {
    const status = await this.#child.status;
    // What it said last goes first: an answer that explains the end is better than the end.
    const broken = await within(this.#connection.closed, LAST_WORDS_MS);
    const tail = await this.#stderr.text();
    if (broken !== undefined) {
      return new SiloError(`could not go on with silo-helper: ${broken.message}`, {
        details: tail,
        hint: `The helper is ${this.#path}; \`silo doctor\` checks it.`,
      });
    }
    const how = status.signal ? `was ended by ${status.signal}` : `ended with code ${status.code}`;
    return new SiloError(`could not go on: silo-helper ${how}`, {
      details: tail,
      hint: this.#closing ? undefined : `The helper is ${this.#path}; \`silo doctor\` checks it.`,
    });
  }
}

/** Keeps the last bytes of what the helper writes on stderr. */
class StderrTail {
  #tail = new Uint8Array(0);
  readonly #done: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#done = this.#read(stream).catch(() => {});
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of stream) {
      const joined = new Uint8Array(this.#tail.length + chunk.length);
      joined.set(this.#tail);
      joined.set(chunk, this.#tail.length);
      this.#tail = joined.subarray(-STDERR_TAIL_BYTES);
    }
  }

  /** What was kept, once the stream has ended; a grandchild may hold it open, so this waits 200 ms at most. */
  async text(): Promise<string> {
    await within(this.#done, 200);
    return new TextDecoder().decode(this.#tail).trim();
  }
}
