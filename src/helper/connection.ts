/**
 * A JSON-RPC 2.0 connection over the helper's stdin and stdout. Our own, for it stands in the way of every start:
 * `vscode-jsonrpc` takes longer to load than the machine takes to be restored. The conformance suite speaks with the
 * helper through that library, so that the two do not agree on a mistake.
 *
 * @module
 */
import { concatenate } from "../concatenate.ts";
import { encodeFrame, FrameDecoder } from "./frames.ts";

/** An error that the other end answered a request with. */
export class ResponseError extends Error {
  constructor(readonly code: number, message: string, readonly data?: unknown) {
    super(message);
    this.name = "ResponseError";
  }
}

type Handlers = Readonly<Record<string, ((params: unknown) => void) | undefined>>;
type Waiting = Pick<PromiseWithResolvers<unknown>, "resolve" | "reject">;

const METHOD_NOT_FOUND = -32_601;

/** Reads from its making on; requests may be sent at once. */
export class Connection {
  /**
   * Resolves when the other end says no more and all that it said was handled; with an error if that made no sense. Never
   * rejects.
   */
  readonly closed: Promise<Error | undefined>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #handlers: Handlers;
  readonly #waiting = new Map<number, Waiting>();
  /** Frames of this turn: they go out together, since a stream takes the next chunk only when the last is written. */
  readonly #unsent: Uint8Array[] = [];
  #lastId = 0;
  #isClosed = false;

  /** `handlers`: by method, of notifications; others are passed over. */
  constructor(input: ReadableStream<Uint8Array>, output: WritableStream<Uint8Array>, handlers: Handlers) {
    this.#writer = output.getWriter();
    this.#handlers = handlers;
    this.closed = this.#read(input);
  }

  /** Rejects with a `ResponseError`, or with another error if there is no answer any more. */
  request(method: string, params: unknown): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Error("the connection is closed"));
    const id = ++this.#lastId;
    const { promise, ...waiting } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#write({ jsonrpc: "2.0", id, method, params });
    return promise;
  }

  /** Closes the other end's input, which tells a helper to stop everything and go. */
  end(): void {
    this.#flush();
    this.#writer.close().catch(() => {});
  }

  async #read(input: ReadableStream<Uint8Array>): Promise<Error | undefined> {
    let broken: Error | undefined;
    try {
      const decoder = new FrameDecoder();
      for await (const chunk of input) {
        for (const message of decoder.push(chunk)) this.#take(message);
      }
    } catch (error) {
      broken = new Error(`the connection is broken: ${error instanceof Error ? error.message : error}`);
    }
    this.#isClosed = true;
    for (const { reject } of this.#waiting.values()) reject(broken ?? new Error("the connection is closed"));
    this.#waiting.clear();
    return broken;
  }

  #take(message: unknown): void {
    const { id, method, params, result, error } = fields(message);
    if (typeof method === "string") {
      if (id === undefined) {
        if (Object.hasOwn(this.#handlers, method)) this.#handlers[method]?.(params);
        return;
      }
      return this.#write({ jsonrpc: "2.0", id, error: { code: METHOD_NOT_FOUND, message: `no method ${method}` } });
    }
    const waiting = typeof id === "number" ? this.#waiting.get(id) : undefined;
    if (waiting === undefined) throw new Error(`an answer to no request: ${JSON.stringify(id)}`);
    const refused = error === undefined ? undefined : responseError(error);
    this.#waiting.delete(id as number);
    if (refused === undefined) waiting.resolve(result);
    else waiting.reject(refused);
  }

  /**
   * Does not fail: an end that reads no more is about to go, and may have said why; its answer or its end are better
   * errors than a broken pipe.
   */
  #write(message: unknown): void {
    if (this.#unsent.push(encodeFrame(message)) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const frames = this.#unsent.splice(0);
    if (frames.length > 0) this.#writer.write(concatenate(frames)).catch(() => {});
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new Error("a message is no object");
  return value as Record<string, unknown>;
}

function responseError(value: unknown): ResponseError {
  const { code, message, data } = fields(value);
  if (typeof code !== "number" || typeof message !== "string") throw new Error("an error without code or message");
  return new ResponseError(code, message, data);
}
