/**
 * One HTTP request and its response.
 *
 * @module
 */
import type { Opened } from "../dial/outbound.ts";
import { type Framing, framingOf, keepsOpen, readBody, responseFraming, writeBody } from "../http/body.ts";
import { asksForWebSocket, forwardedInterim, forwardedRequest, forwardedResponse, PROCEED } from "../http/forward.ts";
import { parseResponseHead, type RequestHead, type ResponseHead } from "../http/head.ts";
import { readHead } from "../http/read_head.ts";
import type { Rewriting } from "../http/rewriting.ts";
import type { HttpTarget } from "../http/target.ts";
import { writeAll } from "../io/duplex.ts";
import { relay } from "../io/relay.ts";
import { Refusal } from "../refusal.ts";
import type { GuestStream } from "./guest_stream.ts";

/** What can be used again afterwards. */
export interface Outcome {
  readonly client: boolean;
  readonly origin: boolean;
}

/** The origin closed a connection that had served requests before this one was answered. */
export class StaleConnection extends Refusal {
  constructor() {
    super("unreachable", "the host closed the connection without an answer");
  }
}

/** Whether a request may be sent twice, should the first have been lost with its connection (RFC 9110, 9.2.2). */
export function isRepeatable(head: RequestHead): boolean {
  return ["GET", "HEAD", "OPTIONS"].includes(head.method) && framingOf(head.fields, head.minor).kind === "none";
}

export interface Exchange {
  /** The request, whose head was read, and whom it is for. */
  readonly head: RequestHead;
  readonly target: HttpTarget;
  readonly origin: Opened;
  readonly rewriting: Rewriting | undefined;
  /** Called before the first byte of the response goes to the client. */
  readonly answered: () => void;
}

/**
 * Passes the request on, and the response back.
 *
 * @throws {Refusal}
 */
export async function exchange(stream: GuestStream, asked: Exchange): Promise<Outcome> {
  const { head, origin, rewriting, answered } = asked;
  const { client, services: { limits }, guard } = stream;
  const given = framingOf(head.fields, head.minor);
  const received = { head, target: asked.target, framing: given, body: readBody(client.reader, given) };
  const request = await rewriting?.request(received, () => writeAll(client.stream, PROCEED)) ?? received;
  const { framing } = request;
  const outgoing = forwardedRequest(request.head, request.target, framing, origin.requestProxy);
  await writeAll(origin.stream, outgoing).catch(() => {
    throw new StaleConnection();
  });

  // The body goes out while the response comes in: a server may answer before it has read all, or be asked to say
  // whether it wants the body at all.
  let sent = framing.kind === "none";
  const sending = writeBody(origin.stream, request.body, framing.kind === "chunked")
    .then(() => void (sent = true));
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  // A body that is malformed ends everything; one that the origin does not take may still be answered.
  sending.catch((error) => error instanceof Refusal && broken.reject(error));

  const receive = async (): Promise<Outcome> => {
    const response = await finalResponse(stream, asked);
    if (response.status === 101) {
      await relay(client, origin, () => guard.limitMs = limits.halfClosedMs, rewriting?.upgraded.bind(rewriting));
      return { client: false, origin: false };
    }
    const came = ofTheHost(() => responseFraming(head.method, response.status, response.fields, response.minor));
    const originStays = keepsOpen(response.fields, response.minor) && came.kind !== "close" && sent;
    const read = { head: response, framing: came, body: readBody(origin.reader, came) };
    const passed = rewriting?.body(read.head, read.framing, read.body) ?? read;
    // A client of HTTP/1.0 knows no chunks: the end of the connection ends its body.
    const goes: Framing = passed.framing.kind === "chunked" && head.minor === 0 ? { kind: "close" } : passed.framing;
    const clientStays = keepsOpen(head.fields, head.minor) && goes.kind !== "close" && sent;
    answered();
    await writeAll(client.stream, forwardedResponse(passed.head, goes, clientStays));
    await writeBody(client.stream, passed.body, goes.kind === "chunked");
    return { client: clientStays, origin: originStays };
  };
  return await Promise.race([receive(), broken.promise]);
}

/** The final response's head; those before it are passed on. */
async function finalResponse(
  { client, services: { limits } }: GuestStream,
  { head, origin: { reader }, rewriting, answered }: Exchange,
): Promise<ResponseHead> {
  for (;;) {
    // A server may think for long; it is the guard that ends a stream in which nothing moves.
    const bytes = await readHead(reader, limits, limits.idleMs).catch((error) => {
      if (error instanceof Refusal) throw new Refusal("unreachable", `the host's answer: ${error.message}`);
      return null;
    });
    if (bytes === null) throw new StaleConnection();
    const said = ofTheHost(() => parseResponseHead(bytes, limits.headerLines));
    const response = rewriting?.head(said) ?? said;
    const upgraded = response.status === 101;
    if (upgraded && !asksForWebSocket(head)) {
      throw new Refusal("unreachable", "the host changed the protocol without being asked");
    }
    if (response.status >= 200) return response;
    if (head.minor === 1) {
      answered();
      await writeAll(client.stream, forwardedInterim(response));
    }
    if (upgraded) return response;
  }
}

/** What is wrong with an answer is not the guest's fault, so its request was not bad. */
function ofTheHost<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Refusal ? new Refusal("unreachable", `the host's answer: ${error.message}`) : error;
  }
}
