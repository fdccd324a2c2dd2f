/**
 * An editor's session with a language server in the sandbox: the bytes between them, message by message and in order.
 *
 * @module
 */
import type { ByteSink, ByteSource, RunIo } from "../engine/backend.ts";
import { reasonOf } from "../errors.ts";
import { ByteQueue } from "./byte_queue.ts";
import { type Conversation, encode, type Message } from "./conversation.ts";
import { frame, frameParts, FrameReader, MalformedFrame } from "./frames.ts";
import type { GuestCopies } from "./guest_copies.ts";
import { MalformedJson } from "./json/cursor.ts";
import { BYTE_RATE, MAX_MESSAGE_BYTES, MESSAGE_RATE } from "./limits.ts";
import { Pace } from "./pace.ts";

/** JSON-RPC 2.0, "InternalError": the server is not there (any more). */
const INTERNAL_ERROR = -32603;

/** Why a session ended before the editor wanted it to. */
export class SessionBroken extends Error {
  override readonly name = "SessionBroken";
}

export interface SessionParts {
  readonly conversation: Conversation;
  readonly copies: GuestCopies;
  /** The editor's side. */
  readonly editor: { readonly input: AsyncIterable<Uint8Array>; readonly output: ByteSink };
  readonly stderr: ByteSink;
  /** A monotonic clock, milliseconds. */
  readonly now: () => number;
}

export class Session {
  readonly #parts: SessionParts;
  readonly #toServer = new ByteQueue();
  readonly #ended = Promise.withResolvers<"exit" | "input" | SessionBroken>();
  #writing: Promise<void> = Promise.resolve();
  readonly #fromServer = new FrameReader();
  readonly #pace: Pace;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#pace = new Pace(MESSAGE_RATE, BYTE_RATE, parts.now);
    void this.#readEditor();
  }

  /** How the session came to its end: the editor said `exit`, its input ended, or something is broken. */
  get ended(): Promise<"exit" | "input" | SessionBroken> {
    return this.#ended.promise;
  }

  /** The server's stdin, stdout and stderr. */
  get io(): RunIo {
    const stdin: ByteSource = { read: (buffer) => this.#toServer.read(buffer) };
    const stdout: ByteSink = { write: (data) => this.#takeFromServer(data) };
    return { stdin, stdout, stderr: this.#parts.stderr };
  }

  /** Sends the editor a message of silo's own. */
  async tell(message: unknown): Promise<void> {
    await this.#write([encode(message)]);
  }

  /** Answers what the editor still waits for, when no server will. */
  async fail(why: string): Promise<void> {
    for (const id of this.#parts.conversation.unanswered) {
      await this.tell({ jsonrpc: "2.0", id, error: { code: INTERNAL_ERROR, message: `silo: ${why}` } });
    }
  }

  async #readEditor(): Promise<void> {
    try {
      for await (const body of this.#parts.editor.input) {
        const { forward, reply, exit } = this.#parts.conversation.fromHost(body);
        if (reply !== undefined) await this.tell(reply);
        if (forward !== undefined) { for (const part of frameParts(forward)) await this.#toServer.push(part); }
        if (!exit) continue;
        this.#ended.resolve("exit");
        this.#toServer.close(); // some servers wait for this as well
      }
      this.#ended.resolve("input");
    } catch (error) {
      this.#ended.resolve(broken("the editor", error));
    }
    this.#toServer.close();
  }

  /** Takes bytes of the server's stdout; they have all been dealt with when this resolves. */
  async #takeFromServer(data: Uint8Array): Promise<number> {
    try {
      for (const body of this.#fromServer.push(data)) {
        const wait = this.#pace.take(body.length);
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        const { forward, reply, copies = [] } = this.#parts.conversation.fromGuest(body);
        if (reply !== undefined) this.#answer(reply);
        if (forward === undefined) continue;
        if (copies.length > 0) await this.#parts.copies.fetch(copies);
        await this.#write(forward);
      }
      return data.length;
    } catch (error) {
      this.#ended.resolve(broken("the server", error));
      throw error;
    }
  }

  /** Without waiting: a server that reads nothing while it writes would wait for us, and we for it. */
  #answer(reply: unknown): void {
    void this.#toServer.push(frame(encode(reply)));
    if (this.#toServer.bytes > MAX_MESSAGE_BYTES) throw new MalformedFrame("it does not read its answers");
  }

  /** Whole messages only, one after the other. */
  #write(message: Message): Promise<void> {
    const write = async () => {
      for (const bytes of frameParts(message)) {
        for (let at = 0; at < bytes.length;) at += await this.#parts.editor.output.write(bytes.subarray(at));
      }
    };
    const written = this.#writing.then(write).catch((error) => {
      throw error instanceof SessionBroken ? error : broken("the editor", error);
    });
    written.catch(() => {}); // those who wait for it hear of it
    return this.#writing = written;
  }
}

function broken(who: string, error: unknown): SessionBroken {
  if (error instanceof SessionBroken) return error;
  if (error instanceof MalformedFrame || error instanceof MalformedJson) {
    return new SessionBroken(`${who} sent what is no message of the protocol: ${error.message}`, { cause: error });
  }
  return new SessionBroken(`the connection with ${who} broke: ${reasonOf(error)}`, { cause: error });
}
