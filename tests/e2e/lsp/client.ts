/**
 * A real client of the Language Server Protocol: vscode-jsonrpc and the protocol's own types over the pipes of a process.
 * It keeps what it was sent, so that two servers can be compared.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { SILO, siloEnv } from "../harness.ts";

// deno-lint-ignore no-explicit-any
export type Any = any;

/** No answer takes longer: the first waits for a build and a boot, and the machine may be busy with others. */
const LIMIT_MS = 300_000;

export class LspClient {
  readonly connection: MessageConnection;
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  /** Its exit code, or the signal that it died of. */
  readonly ended: Promise<number | string>;
  stderr = "";
  /** Everything that came, as it came. */
  readonly raw: Uint8Array[] = [];
  /** Notifications of the server, in their order. */
  readonly notifications: { method: string; params: Any }[] = [];
  /** Requests of the server that the client answered. */
  readonly requests: { method: string; params: Any }[] = [];
  /** Answers of the server, by a name for the question. */
  readonly answers: Record<string, Any> = {};
  #waiting: (() => void)[] = [];

  constructor(
    args: string[],
    cwd: string,
    answer: (method: string, params: Any) => Any = () => null,
    program = SILO,
  ) {
    this.process = spawn(program, args, { cwd, env: siloEnv(), stdio: ["pipe", "pipe", "pipe"] });
    this.exited = new Promise((resolve) => this.process.on("exit", resolve));
    this.ended = new Promise((resolve) => this.process.on("exit", (code, signal) => resolve(code ?? signal!)));
    this.process.stderr!.on("data", (data) => this.stderr += data);
    this.process.stdout!.on("data", (data) => this.raw.push(new Uint8Array(data)));
    this.connection = createMessageConnection(
      new StreamMessageReader(this.process.stdout!),
      new StreamMessageWriter(this.process.stdin!),
    );
    this.connection.onNotification((method, params) => {
      this.notifications.push({ method, params });
      this.#wake();
    });
    this.connection.onUnhandledProgress((params) => {
      this.notifications.push({ method: "$/progress", params });
      this.#wake();
    });
    this.connection.onRequest((method, params) => {
      this.requests.push({ method, params });
      this.#wake();
      return answer(method, params);
    });
    this.connection.onError(() => this.#wake());
    this.connection.onClose(() => this.#wake());
    this.connection.listen();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Asks, and keeps the answer (or the error) under a name. */
  async ask(name: string, method: string, params?: Any): Promise<Any> {
    // What has no parameters is sent without any; the library makes a list with a null of an undefined.
    const sent = params === undefined
      ? this.connection.sendRequest(method)
      : this.connection.sendRequest(method, params);
    const asked = sent.catch((error) => ({ error: error.message }));
    return this.answers[name] = await this.#limited(asked, `${method} (${name})`);
  }

  tell(method: string, params?: Any): Promise<void> {
    if (params === undefined) return this.connection.sendNotification(method);
    return this.connection.sendNotification(method, params);
  }

  /** The first notification that fits, waiting for it. */
  async notified(method: string, fits: (params: Any) => boolean = () => true): Promise<Any> {
    for (;;) {
      const found = this.notifications.find((it) => it.method === method && fits(it.params));
      if (found) return found.params;
      await this.#limited(new Promise<void>((resolve) => this.#waiting.push(resolve)), method);
    }
  }

  async #limited<T>(promise: Promise<T>, what: string): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`no ${what} within ${LIMIT_MS} ms\n${this.stderr}`)), LIMIT_MS);
    const gone = this.exited.then(async (code) => {
      await new Promise((resolve) => setTimeout(resolve, 500)); // its last words may still be on their way
      throw new Error(`the server ended with ${code}: no ${what}\n${this.stderr}`);
    });
    gone.catch(() => {});
    try {
      return await Promise.race([promise, late, gone]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The polite end. Returns the exit code. */
  async end(): Promise<number | null> {
    await this.ask("shutdown", "shutdown");
    await this.tell("exit");
    this.process.stdin!.end();
    return await this.exited;
  }

  [Symbol.dispose](): void {
    this.connection.dispose();
    this.process.kill("SIGTERM");
  }
}

/** A document of the project as `didOpen` has it. */
export function opened(uri: string, languageId: string, text: string): Any {
  return { textDocument: { uri, languageId, version: 1, text } };
}

/** Where a word stands in a text. */
export function positionOf(text: string, word: string, nth = 0): { line: number; character: number } {
  let at = -1;
  for (let i = 0; i <= nth; i++) at = text.indexOf(word, at + 1);
  if (at < 0) throw new Error(`"${word}" does not stand ${nth + 1} times in the text`);
  const before = text.slice(0, at).split("\n");
  return { line: before.length - 1, character: before.at(-1)!.length + 1 };
}
