/**
 * Puts secrets into the requests to their hosts, and takes them out of what those answer.
 *
 * @module
 */
import { concatenate } from "../../concatenate.ts";
import type { Framing } from "../http/body.ts";
import {
  type Field,
  fromLatin1,
  membersOf,
  type RequestHead,
  type ResponseHead,
  toLatin1,
  valuesOf,
} from "../http/head.ts";
import type { Outgoing, Rewriting } from "../http/rewriting.ts";
import type { HttpTarget } from "../http/target.ts";
import { Refusal } from "../refusal.ts";
import { replaceAll, type Replacement, replacePieces, Replacer } from "./replacer.ts";
import type { Secret } from "./secret.ts";
import { insertions, percent, plain, redactions, spellingOf } from "./spellings.ts";

type Pieces = AsyncIterable<Uint8Array>;

/** Of a request's body whose length changes with what is put in: it is held until its new length is known. */
const MAX_HELD_BYTES = 4 * 1_048_576;
/** What came back, and may be the beginning of a value, waits that long for more in a WebSocket, milliseconds. */
const UPGRADED_HOLD_MS = 250;
/**
 * Not passed on. A part of a document could hold a part of a value, and what is compressed within a WebSocket cannot be
 * looked into; servers may ignore all of them.
 */
const DROPPED = new Set(["range", "if-range", "accept-encoding", "sec-websocket-extensions"]);

export class Rewriter implements Rewriting {
  readonly #secrets: readonly Secret[];
  readonly #inFields: readonly Replacement[];
  readonly #inTarget: readonly Replacement[];
  readonly #back: readonly Replacement[];

  /** `secrets` are those of the one host that this is for. */
  constructor(secrets: readonly Secret[]) {
    this.#secrets = secrets;
    this.#inFields = insertions(secrets, plain);
    this.#inTarget = insertions(secrets, percent);
    this.#back = redactions(secrets);
  }

  async request(message: Outgoing, proceed: () => Promise<void>): Promise<Outgoing> {
    const { head, target, framing } = message;
    const changed: Outgoing = { ...message, head: this.#requestHead(head), target: this.#target(target) };
    if (framing.kind === "none") return changed;
    const put = insertions(this.#secrets, spellingOf(valuesOf(head.fields, "content-type")[0] ?? ""));
    const keepsLength = put.every(({ find, put }) => find.length === put.length);
    if (framing.kind !== "length" || keepsLength) return { ...changed, body: replacePieces(message.body, put) };
    if (framing.bytes > MAX_HELD_BYTES) return changed;
    const asks = membersOf(head.fields, "expect").includes("100-continue");
    if (asks) await proceed();
    const body = replaceAll(await collect(message.body), put);
    return {
      ...changed,
      head: asks ? without(changed.head, "expect") : changed.head,
      framing: { kind: "length", bytes: body.length },
      body: once(body),
    };
  }

  head(head: ResponseHead): ResponseHead {
    const clean = (text: string) => replaceText(text, this.#back);
    const fields = head.fields.map(([name, value]): Field => [clean(name), clean(value)]);
    return { ...head, reason: clean(head.reason), fields };
  }

  body(head: ResponseHead, framing: Framing, body: Pieces): { head: ResponseHead; framing: Framing; body: Pieces } {
    if (framing.kind === "none") return { head, framing, body };
    const codings = membersOf(head.fields, "content-encoding").filter((coding) => coding !== "identity");
    if (codings.length === 0) return { head, framing, body: replacePieces(body, this.#back) };
    const format = codings.length === 1 ? FORMATS[codings[0]!] : undefined;
    if (format === undefined) {
      throw new Refusal("unreachable", `the host's answer is compressed in a way that was not asked for`);
    }
    const plainFraming: Framing = framing.kind === "close" ? framing : { kind: "chunked" };
    return {
      head: { ...head, fields: head.fields.filter(([name]) => name.toLowerCase() !== "content-encoding") },
      framing: plainFraming,
      body: replacePieces(decompress(body, format), this.#back),
    };
  }

  /** Frames keep their lengths, for redactions do. A value that spans frames is not found. */
  async *upgraded(pieces: Pieces): Pieces & AsyncGenerator<Uint8Array> {
    const replacer = new Replacer(this.#back);
    const source = pieces[Symbol.asyncIterator]();
    let next = source.next();
    for (;;) {
      // The end of a message may look like the beginning of a value, and nothing may follow it.
      const piece = replacer.holds ? await orLate(next, UPGRADED_HOLD_MS) : await next;
      if (piece === undefined) {
        yield replacer.flush();
        continue;
      }
      if (piece.done) return yield replacer.flush();
      yield replacer.push(piece.value);
      next = source.next();
    }
  }

  #requestHead(head: RequestHead): RequestHead {
    const fields: Field[] = [];
    for (const [name, value] of head.fields) {
      const lower = name.toLowerCase();
      if (DROPPED.has(lower)) continue;
      fields.push([name, lower === "authorization" ? this.#authorization(value) : replaceText(value, this.#inFields)]);
    }
    // What comes back is read here, so it has to come in a way that can be.
    const compressed = membersOf(head.fields, "accept-encoding").some((coding) => /^gzip\s*(;|$)/.test(coding));
    fields.push(["Accept-Encoding", compressed ? "gzip" : "identity"]);
    return { ...head, fields };
  }

  /** Credentials of the Basic scheme are looked into (RFC 7617). */
  #authorization(value: string): string {
    const found = /^(basic +)([A-Za-z0-9+/]+={0,2})$/i.exec(value);
    if (found === null) return replaceText(value, this.#inFields);
    try {
      return found[1]! + btoa(replaceText(atob(found[2]!), this.#inFields));
    } catch {
      return value;
    }
  }

  #target(target: HttpTarget): HttpTarget {
    return { ...target, path: replaceText(target.path, this.#inTarget) };
  }
}

const FORMATS: Readonly<Record<string, CompressionFormat>> = { gzip: "gzip", "x-gzip": "gzip", deflate: "deflate" };

async function* decompress(body: Pieces, format: CompressionFormat): AsyncGenerator<Uint8Array> {
  let failed: unknown;
  const copied = async function* () {
    try {
      for await (const piece of body) yield piece.slice();
    } catch (error) {
      failed = error;
      throw error;
    }
  };
  try {
    yield* ReadableStream.from(copied()).pipeThrough(new DecompressionStream(format));
  } catch (cause) {
    throw failed ?? new Refusal("unreachable", "the host's answer is not compressed as it says", { cause });
  }
}

async function collect(pieces: Pieces): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece.slice());
  return concatenate(all);
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body;
}

/** The result, or undefined if it takes longer; it goes on. */
async function orLate<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), limitMs));
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function without(head: RequestHead, name: string): RequestHead {
  return { ...head, fields: head.fields.filter(([field]) => field.toLowerCase() !== name) };
}

function replaceText(text: string, replacements: readonly Replacement[]): string {
  return toLatin1(replaceAll(fromLatin1(text), replacements));
}
