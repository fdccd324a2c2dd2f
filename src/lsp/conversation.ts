/**
 * One editor and one server in the sandbox: what becomes of each message between them. Pure but for the symbolic links
 * that {@link PathMap} asks for; the bytes come and go elsewhere.
 *
 * @module
 */
import { Attention } from "./attention.ts";
import { Envelope, idKey } from "./envelope.ts";
import { MalformedJson } from "./json/cursor.ts";
import { MAX_PENDING } from "./limits.ts";
import { allowsNull, ASKS_ATTENTION, isAboutDocument, opensFiles, typesOf } from "./methods.ts";
import type { PathMap } from "./path_map.ts";
import { METAMODEL } from "./protocol/metamodel.ts";
import { type ShapeOf, shapeOf } from "./protocol/shapes.ts";
import { parsedParams, partialToken, rewritten } from "./rewrite.ts";
import { GuestSink, HostSink } from "./sinks.ts";

/** What to do with a message. */
export interface Outcome {
  /** What the other side gets; absent if it gets nothing. */
  readonly forward?: Message;
  /** What the sender gets back. */
  readonly reply?: unknown;
  /** Files of the sandbox that the editor may want to open when it has read the message. */
  readonly copies?: readonly string[];
  /** The editor said `exit`. */
  readonly exit?: boolean;
}

/** Error codes: JSON-RPC 2.0 and the protocol's own, "ErrorCodes" and "LSPErrorCodes". */
const REQUEST_FAILED = -32803;

type Json = Record<string, unknown>;

/** A message as bytes of JSON, in parts that follow each other. */
export type Message = readonly Uint8Array[];

export class Conversation {
  readonly #map: PathMap;
  readonly #attention: Attention;
  /** Methods of requests that wait for their answer, by id; and the progress tokens that came with them. */
  readonly #ofHost = new Map<string, { method: string; token: string | undefined }>();
  readonly #ofGuest = new Map<string, string>();
  readonly #progress = new Map<string, ShapeOf | undefined>();
  /** Documents whose text the sandbox must not see, though their names are in a share. */
  readonly #hidden = new Set<string>();

  #isShuttingDown = false;

  constructor(map: PathMap, now: () => number) {
    this.#map = map;
    this.#attention = new Attention(now);
  }

  /** Whether the editor has asked the server to shut down: then `exit` is a good end. */
  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  /** Requests of the editor that nobody has answered. */
  get unanswered(): (string | number)[] {
    return [...this.#ofHost.keys()].map((key) => key.startsWith('"') ? key.slice(1) : Number(key));
  }

  /**
   * A message of the editor.
   *
   * @throws {MalformedJson} if it is none.
   */
  fromHost(body: Uint8Array): Outcome {
    const message = new Envelope(body);
    const { method } = message;
    const sink = new HostSink(this.#map, this.#hidden, this.#registered, method);
    if (method === undefined) {
      const key = idKey(message.id!);
      const asked = this.#ofGuest.get(key);
      if (asked === undefined) return {}; // an answer that was given already
      this.#ofGuest.delete(key);
      return { forward: rewritten(message, asked, "answer", sink) };
    }
    if (method === "shutdown") this.#isShuttingDown = true;
    const forward = rewritten(message, method, "question", sink);
    const { id } = message;
    if (sink.hidden && isAboutDocument(method)) return this.#withhold(method, id);
    if (id !== undefined && id !== null) this.#remember(message, method, id);
    return { forward, exit: method === "exit" };
  }

  /**
   * A message of the server.
   *
   * @throws {MalformedJson} if it is none, or breaks the rules of the protocol.
   */
  fromGuest(body: Uint8Array): Outcome {
    const message = new Envelope(body);
    const { method } = message;
    const sink = new GuestSink(this.#map, this.#registered, (token) => this.#progress.get(token));
    if (method === undefined) return this.#answer(message, sink);
    const forward = rewritten(message, method, "question", sink);
    const { id } = message;
    if (id === null) throw new MalformedJson("a request has no id");
    if (id === undefined) {
      if (sink.refused !== undefined || (ASKS_ATTENTION.has(method) && !this.#attention.take())) return {};
      return { forward };
    }
    const answer = this.#refusal(message, method, sink);
    if (answer !== undefined) return { reply: { jsonrpc: "2.0", id, ...answer } };
    if (this.#ofGuest.size >= MAX_PENDING) throw new MalformedJson(`over ${MAX_PENDING} requests wait for an answer`);
    this.#ofGuest.set(idKey(id), method);
    return { forward, copies: opensFiles(method) ? sink.copies : [] };
  }

  /** An answer of the server's. */
  #answer(message: Envelope, sink: GuestSink): Outcome {
    const id = message.id!;
    const key = idKey(id);
    const asked = id === null ? undefined : this.#ofHost.get(key);
    if (asked === undefined) {
      message.finish();
      // The server could not read a message: JSON-RPC 2.0, section 5. Anything else was answered before.
      return id === null ? { forward: [message.bytes] } : {};
    }
    this.#ofHost.delete(key);
    if (asked.token !== undefined) this.#progress.delete(asked.token);
    const forward = rewritten(message, asked.method, "answer", sink);
    const { refused } = sink;
    if (refused === undefined) return { forward, copies: opensFiles(asked.method) ? sink.copies : [] };
    return { forward: [encode(errorAnswer(id, `silo: the server wants to change ${refused}`))] };
  }

  /** Why a request of the server does not reach the editor: the answer that it gets instead. */
  #refusal(message: Envelope, method: string, sink: GuestSink): Json | undefined {
    const busy = ASKS_ATTENTION.has(method) && !this.#attention.take() ? "it asks too often" : undefined;
    if (method === "workspace/applyEdit") {
      const why = busy ?? (sink.refused && `it would change ${sink.refused}`);
      return why === undefined ? undefined : { result: { applied: false, failureReason: `silo: ${why}` } };
    }
    if (method === "window/showDocument") {
      const params = parsedParams(message) as Json;
      const refused = busy !== undefined || params.external === true || sink.foreign;
      return refused ? { result: { success: false } } : undefined;
    }
    const why = busy ?? (sink.refused && `it would change ${sink.refused}`);
    return why === undefined ? undefined : { error: { code: REQUEST_FAILED, message: `silo: ${why}` } };
  }

  #remember(message: Envelope, method: string, id: string | number): void {
    if (this.#ofHost.size >= MAX_PENDING) this.#ofHost.delete(this.#ofHost.keys().next().value!);
    let token: string | undefined;
    const types = typesOf(method);
    if (types?.partial !== undefined) {
      const found = partialToken(message);
      if (found !== undefined) this.#progress.set(token = found, shapeOf(types.partial));
    }
    this.#ofHost.set(idKey(id), { method, token });
  }

  /** A document that the sandbox does not see is none that the server can speak of. */
  #withhold(method: string, id: Envelope["id"]): Outcome {
    if (id === undefined || id === null) return {};
    if (allowsNull(typesOf(method)?.result)) return { reply: { jsonrpc: "2.0", id, result: null } };
    return { reply: errorAnswer(id, "silo: the document is not in the project, so the sandbox does not see it") };
  }

  readonly #registered = (method: string): ShapeOf | undefined => {
    // The server chooses the name: also one that every object has.
    const own = Object.hasOwn(METAMODEL.registrations, method) ? METAMODEL.registrations[method] : undefined;
    return shapeOf(own ?? typesOf(method)?.registration);
  };
}

function errorAnswer(id: string | number | null, message: string): Json {
  return { jsonrpc: "2.0", id, error: { code: REQUEST_FAILED, message } };
}

/** A message as bytes of JSON. */
export function encode(message: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}
