/**
 * One HTTP request and its response.
 *
 * @module
 */
import type { Opened } from "../dial/outbound.ts";
import { type Framing, framingOf, keepsOpen, readBody, responseFraming, writeBody } from "../http/body.ts";
import { asksForWebSocket, forwardedInterim, forwardedRequest, forwardedResponse } from "../http/forward.ts";
import { parseResponseHead, type RequestHead, type ResponseHead } from "../http/head.ts";
import { readHead } from "../http/read_head.ts";
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

/**
 * Passes the request on, whose head was read, and the response back. `answered` is called before the first byte of the
 * response goes to the client.
 *
 * @throws {Refusal}
 */
export async function exchange(
  stream: GuestStream,
  head: RequestHead,
  target: HttpTarget,
  origin: Opened,
  answered: () => void,
): Promise<Outcome> {
  const { client, services: { limits }, guard } = stream;
  const framing = framingOf(head.fields, head.minor);
  await writeAll(origin.stream, forwardedRequest(head, target, framing, origin.requestProxy)).catch(() => {
    throw new StaleConnection();
  });

  // The body goes out while the response comes in: a server may answer before it has read all, or be asked to say
  // whether it wants the body at all.
  let sent = framing.kind === "none";
  const sending = writeBody(origin.stream, readBody(client.reader, framing), framing.kind === "chunked")
    .then(() => void (sent = true));
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  // A body that is malformed ends everything; one that the origin does not take may still be answered.
  sending.catch((error) => error instanceof Refusal && broken.reject(error));

  const receive = async (): Promise<Outcome> => {
    const response = await finalResponse(stream, head, origin, answered);
    if (response.status === 101) {
      await relay(client, origin, () => guard.limitMs = limits.halfClosedMs);
      return { client: false, origin: false };
    }
    const came = ofTheHost(() => responseFraming(head.method, response.status, response.fields, response.minor));
    const originStays = keepsOpen(response.fields, response.minor) && came.kind !== "close" && sent;
    // A client of HTTP/1.0 knows no chunks: the end of the connection ends its body.
    const goes: Framing = came.kind === "chunked" && head.minor === 0 ? { kind: "close" } : came;
    const clientStays = keepsOpen(head.fields, head.minor) && goes.kind !== "close" && sent;
    answered();
    await writeAll(client.stream, forwardedResponse(response, goes, clientStays));
    await writeBody(client.stream, readBody(origin.reader, came), goes.kind === "chunked");
    return { client: clientStays, origin: originStays };
  };
  return await Promise.race([receive(), broken.promise]);
}

/** The final response's head; those before it are passed on. */
async function finalResponse(
  { client, services: { limits } }: GuestStream,
  head: RequestHead,
  { reader }: Opened,
  answered: () => void,
): Promise<ResponseHead> {
  for (;;) {
    // A server may think for long; it is the guard that ends a stream in which nothing moves.
    const bytes = await readHead(reader, limits, limits.idleMs).catch((error) => {
      if (error instanceof Refusal) throw new Refusal("unreachable", `the host's answer: ${error.message}`);
      return null;
    });
    if (bytes === null) throw new StaleConnection();
    const response = ofTheHost(() => parseResponseHead(bytes, limits.headerLines));
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
