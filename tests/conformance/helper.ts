/**
 * A helper under test, spoken to message by message: whatever silo's own client would hide is seen here.
 *
 * @module
 */
import { ok } from "node:assert/strict";
import { encodeFrame, FrameDecoder } from "../../src/helper/frames.ts";

/** An answer or a notification, as it came. */
// deno-lint-ignore no-explicit-any
export type Message = Record<string, any>;

/** The helper that is tested; `scripts/conformance HELPER` sets it. */
export const HELPER = Deno.env.get("SILO_CONFORMANCE_HELPER") ??
  decodeURIComponent(new URL("../../build/silo-helper", import.meta.url).pathname);

/** No answer that needs no machine takes longer, milliseconds: the helper itself starts in a few. */
const ANSWER_LIMIT_MS = 20_000;

export const GREETING = { protocol: "1.0", client: { name: "conformance", version: "0.1.0" } };

/** One helper process. Ends with `await using`. */
export class HelperUnderTest implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #seen: Message[] = [];
  #wake = Promise.withResolvers<void>();
  #ended = false;
  #nextId = 1;
  /** Everything it wrote on stderr. */
  readonly errors: Promise<string>;

  constructor(path: string = HELPER) {
    this.#child = new Deno.Command(path, { stdin: "piped", stdout: "piped", stderr: "piped", cwd: "/" }).spawn();
    this.#writer = this.#child.stdin.getWriter() as WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
    this.errors = new Response(this.#child.stderr).text();
    this.#read();
  }

  /** One that has been greeted. */
  static async greeted(): Promise<HelperUnderTest> {
    const helper = new HelperUnderTest();
    ok((await helper.request("initialize", GREETING)).result);
    return helper;
  }

  async #read(): Promise<void> {
    const decoder = new FrameDecoder();
    try {
      for await (const chunk of this.#child.stdout) {
        this.#seen.push(...decoder.push(chunk) as Message[]);
        this.#wake.resolve();
        this.#wake = Promise.withResolvers();
      }
    } finally {
      this.#ended = true;
      this.#wake.resolve();
    }
  }

  /** Sends bytes as they are. */
  async raw(bytes: Uint8Array | string): Promise<void> {
    const data = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    await this.#writer.write(data as Uint8Array<ArrayBuffer>);
  }

  async send(message: unknown): Promise<void> {
    await this.raw(encodeFrame(message));
  }

  /** Sends a request and returns its number; the answer is awaited elsewhere. */
  async post(method: string, params: unknown): Promise<number> {
    const id = this.#nextId++;
    await this.send({ jsonrpc: "2.0", id, method, params });
    return id;
  }

  async request(method: string, params: unknown, limitMs?: number): Promise<Message> {
    return await this.answer(await this.post(method, params), limitMs);
  }

  async answer(id: number | null, limitMs?: number): Promise<Message> {
    return await this.first(`the answer to request ${id}`, (message) => "id" in message && message.id === id, limitMs);
  }

  async notification(method: string, limitMs?: number, also: (params: Message) => boolean = () => true) {
    const message = await this.first(method, (m) => m.method === method && also(m.params), limitMs);
    return message.params as Message;
  }

  /** The first message like that, seen already or yet to come. */
  async first(what: string, matches: (message: Message) => boolean, limitMs = ANSWER_LIMIT_MS): Promise<Message> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    }, limitMs);
    try {
      for (;;) {
        const found = this.#seen.find(matches);
        if (found !== undefined) return found;
        if (late) throw new Error(`not within ${limitMs} ms: ${what}`);
        if (this.#ended) throw new Error(`the helper ended before ${what}: ${await this.errors}`);
        await this.#wake.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** How many messages there were of a kind. */
  count(matches: (message: Message) => boolean): number {
    return this.#seen.filter(matches).length;
  }

  /** Closes its standard input. */
  async hangUp(): Promise<void> {
    await this.#writer.close().catch(() => {});
  }

  /** Its exit code; throws if it does not end in time. */
  async exit(limitMs = 5_000): Promise<number> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the helper did not end within ${limitMs} ms`)), limitMs);
    });
    try {
      return (await Promise.race([this.#child.status, late])).code;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hangUp();
    await this.exit().catch(() => this.#child.kill("SIGKILL"));
    await this.#child.status;
    await this.errors;
    while (!this.#ended) await this.#wake.promise;
  }
}
