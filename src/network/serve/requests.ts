/**
 * Serves HTTP requests one after the other, each judged by itself.
 *
 * @module
 */
import type { Opened } from "../dial/outbound.ts";
import { parseRequestHead, type RequestHead } from "../http/head.ts";
import { readHead } from "../http/read_head.ts";
import { refusalResponse } from "../http/refusal_response.ts";
import type { Rewriting } from "../http/rewriting.ts";
import { checkHostField, hostField, type HttpTarget } from "../http/target.ts";
import { closeQuietly, writeAll } from "../io/duplex.ts";
import { deadline } from "../io/deadline.ts";
import type { Via } from "../ledger.ts";
import { exchange, isRepeatable, StaleConnection } from "./exchange.ts";
import { finish, type GuestStream, note, open, permit } from "./guest_stream.ts";

export interface RequestsOptions {
  readonly via: Via;
  /** Whom a request is for; throws a refusal if it is for nobody. */
  readonly locate: (head: RequestHead) => HttpTarget;
  /** `tunnel`: the host's own proxy is asked for a connection, not for each request. */
  readonly use: "http" | "tunnel";
  /** A connection to the one authority that `locate` gives, which is open already. */
  readonly opened?: Opened;
  /** Opens further ones; undefined: as `use` says. */
  readonly reopen?: () => Promise<Opened>;
  /** What is changed in requests and responses. */
  readonly rewriting?: Rewriting;
  /** Takes a CONNECT, and everything after it. */
  readonly connect?: (head: RequestHead) => Promise<void>;
}

/** The connection that the last request went over. */
interface Origin {
  readonly opened: Opened;
  /** Host and port; undefined if it is the one authority there can be. */
  readonly key: string | undefined;
  /** Whether a request went over it before. */
  readonly used: boolean;
}

/** Serves until one side ends the connection. Throws the refusal that ended it, after having answered with it. */
export async function serveRequests(stream: GuestStream, options: RequestsOptions): Promise<void> {
  const { client, services: { limits } } = stream;
  let origin: Origin | undefined;
  if (options.opened !== undefined) origin = { opened: options.opened, key: undefined, used: false };
  let answered = false;
  try {
    for (let first = true;; first = false) {
      if (!first && !await nextRequest(stream)) return;
      answered = false;
      const bytes = await readHead(client.reader, limits, limits.headMs);
      if (bytes === null) return;
      const head = parseRequestHead(bytes, limits.headerLines);
      if (head.method === "CONNECT" && options.connect !== undefined) {
        answered = true; // or will be: nothing but the tunnel may write from here on
        return await options.connect(head);
      }

      const target = options.locate(head);
      const verdict = permit(stream, target.host, target.port, options.via);
      checkHostField(head, target);
      // One connection, kept for requests to the same host and port alone.
      const key = hostField(target);
      if (origin?.key !== undefined && origin.key !== key) {
        closeQuietly(origin.opened.stream);
        origin = undefined;
      }
      const reopen = options.reopen ?? (() => open(stream, target.host, target.port, verdict, options.use));
      const reused = origin?.used ?? false;
      origin = { opened: origin?.opened ?? await reopen(), key, used: true };

      const { rewriting } = options;
      const run = (through: Opened) =>
        exchange(stream, { head, target, origin: through, rewriting, answered: () => answered = true });
      let outcome;
      try {
        outcome = await run(origin.opened);
      } catch (error) {
        if (!(error instanceof StaleConnection) || answered || !reused || !isRepeatable(head)) throw error;
        closeQuietly(origin.opened.stream);
        origin = { opened: await reopen(), key, used: true };
        outcome = await run(origin.opened);
      }
      if (!outcome.client || !outcome.origin) {
        closeQuietly(origin.opened.stream);
        origin = undefined;
      }
      if (!outcome.client) return await finish(client);
    }
  } catch (error) {
    note(stream, error);
    // What may still come from there must not get between the words of the answer.
    if (origin !== undefined) closeQuietly(origin.opened.stream);
    // Behind half a response, an answer would be taken for the rest of it.
    if (!answered) {
      await writeAll(client.stream, refusalResponse(note(stream, error))).catch(() => {});
      await finish(client);
    }
    throw error;
  }
}

/** Waits for the next request on a kept-alive connection: false if there is none, which needs no answer. */
async function nextRequest({ client: { reader }, services: { limits } }: GuestStream): Promise<boolean> {
  if (reader.buffered.length > 0) return true;
  return await deadline(reader.fill(), limits.keepAliveMs, "the next request").catch(() => false);
}
