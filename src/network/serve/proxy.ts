/**
 * The guest's proxy port: an HTTP proxy and SOCKS5 in one, told apart by the first byte.
 *
 * @module
 */
import { framingOf } from "../http/body.ts";
import { malformed, renderHead, type RequestHead } from "../http/head.ts";
import { refusalResponse } from "../http/refusal_response.ts";
import { parseAbsoluteTarget, parseConnectTarget } from "../http/target.ts";
import { deadline } from "../io/deadline.ts";
import { writeAll } from "../io/duplex.ts";
import { finish, type GuestStream, note, open, permit } from "./guest_stream.ts";
import { serveRequests } from "./requests.ts";
import { serveSocks } from "./socks.ts";
import { serveTunnel } from "./tunnel.ts";

const SOCKS5 = 5;
const ESTABLISHED = renderHead("HTTP/1.1 200 Connection established", []);

export async function serveProxy(stream: GuestStream): Promise<void> {
  const { client: { reader }, services: { limits } } = stream;
  if (reader.buffered.length === 0 && !await deadline(reader.fill(), limits.headMs, "the first byte")) return;
  if (reader.buffered[0] === SOCKS5) return await serveSocks(stream);
  await serveRequests(stream, {
    via: "http",
    use: "http",
    locate: parseAbsoluteTarget,
    connect: (head) => serveConnect(stream, head),
  });
}

async function serveConnect(stream: GuestStream, head: RequestHead): Promise<void> {
  const { client } = stream;
  let established = false;
  try {
    const authority = parseConnectTarget(head);
    const framing = framingOf(head.fields, head.minor);
    if (framing.kind === "chunked" || (framing.kind === "length" && framing.bytes > 0)) {
      throw malformed("CONNECT has a body");
    }
    const verdict = permit(stream, authority.host, authority.port, "connect");
    const server = await open(stream, authority.host, authority.port, verdict, "tunnel");
    established = true;
    await writeAll(client.stream, ESTABLISHED);
    await serveTunnel(stream, authority, verdict, server, "connect");
  } catch (error) {
    if (!established) {
      await writeAll(client.stream, refusalResponse(note(stream, error))).catch(() => {});
      await finish(client);
    }
    throw error;
  }
}
