/**
 * A change of messages on their way through; {@link import("../secrets/rewriter.ts").Rewriter} is the one there is.
 *
 * @module
 */
import type { Framing } from "./body.ts";
import type { RequestHead, ResponseHead } from "./head.ts";
import type { HttpTarget } from "./target.ts";

type Pieces = AsyncIterable<Uint8Array>;

/** A request as it goes on. */
export interface Outgoing {
  readonly head: RequestHead;
  readonly target: HttpTarget;
  readonly framing: Framing;
  readonly body: Pieces;
}

export interface Rewriting {
  /**
   * Changes a request. `proceed` tells a client that asked (Expect: 100-continue) to send its body, should that be
   * needed before the request can go on.
   */
  request(message: Outgoing, proceed: () => Promise<void>): Promise<Outgoing>;
  /** Changes the head of any response. */
  head(head: ResponseHead): ResponseHead;
  /** Changes the body of a response whose head was changed. */
  body(head: ResponseHead, framing: Framing, body: Pieces): { head: ResponseHead; framing: Framing; body: Pieces };
  /** Changes what comes after the protocol has changed. */
  upgraded(pieces: Pieces): Pieces;
}
