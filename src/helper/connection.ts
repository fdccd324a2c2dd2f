/**
 * A JSON-RPC connection over the helper's stdin and stdout: `vscode-jsonrpc` does the protocol, Deno's streams carry the
 * bytes. The library is loaded when the first connection is made, while the helper starts.
 *
 * @module
 */
import type { DataCallback, MessageConnection, MessageReader, MessageWriter } from "vscode-jsonrpc/node";
import { encodeFrame, FrameDecoder } from "./frames.ts";

/** Connects; the caller registers its handlers and then calls `listen()`. */
export async function connect(
  input: ReadableStream<Uint8Array<ArrayBuffer>>,
  output: WritableStream<Uint8Array<ArrayBuffer>>,
): Promise<MessageConnection> {
  const { createMessageConnection } = await import("vscode-jsonrpc/node");
  const silent = { error() {}, warn() {}, info() {}, log() {} };
  return createMessageConnection(new StreamReader(input), new StreamWriter(output), silent);
}

/** A list of listeners in the shape that vscode-jsonrpc calls `Event`. */
class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event = (listener: (value: T) => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
}

class StreamReader implements MessageReader {
  readonly #errors = new Listeners<Error>();
  readonly #closes = new Listeners<void>();
  readonly #partial = new Listeners<{ readonly messageToken: number; readonly waitingTime: number }>();
  readonly #input: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly onError = this.#errors.event;
  readonly onClose = this.#closes.event;
  readonly onPartialMessage = this.#partial.event;

  constructor(input: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#input = input;
  }

  listen(callback: DataCallback): { dispose(): void } {
    this.#pump(callback);
    return { dispose() {} };
  }

  async #pump(callback: DataCallback): Promise<void> {
    const decoder = new FrameDecoder();
    try {
      for await (const chunk of this.#input) {
        for (const message of decoder.push(chunk)) callback(message as Parameters<DataCallback>[0]);
      }
    } catch (error) {
      this.#errors.fire(error instanceof Error ? error : new Error(String(error)));
    }
    this.#closes.fire();
  }

  dispose(): void {}
}

class StreamWriter implements MessageWriter {
  readonly #errors = new Listeners<[Error, Parameters<DataCallback>[0] | undefined, number | undefined]>();
  readonly #closes = new Listeners<void>();
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly onError = this.#errors.event;
  readonly onClose = this.#closes.event;

  constructor(output: WritableStream<Uint8Array<ArrayBuffer>>) {
    this.#writer = output.getWriter();
  }

  /**
   * Never rejects: a helper that reads no more is about to end, and may have said why; its answer or its end are better
   * errors than a broken pipe.
   */
  async write(message: Parameters<DataCallback>[0]): Promise<void> {
    await this.#writer.write(encodeFrame(message) as Uint8Array<ArrayBuffer>).catch(() => {});
  }

  /** Closes the helper's stdin, which tells it to stop everything and go. */
  end(): void {
    this.#writer.close().catch(() => {});
  }

  dispose(): void {}
}
