/**
 * A connection to one host and port whose bytes are the client's own: what CONNECT, SOCKS and direct connections give.
 * What is spoken in it decides what is checked.
 *
 * @module
 */
import type { Opened } from "../dial/outbound.ts";
import { type Authority, parseOriginTarget } from "../http/target.ts";
import { deadline } from "../io/deadline.ts";
import { writeAll } from "../io/duplex.ts";
import { relay } from "../io/relay.ts";
import type { Via } from "../ledger.ts";
import { hostText } from "../policy/host_name.ts";
import type { Allowed } from "../policy/policy.ts";
import { Refusal } from "../refusal.ts";
import { checkClientHello, parseClientHello } from "../tls/client_hello.ts";
import { ACCESS_DENIED_ALERT, readHandshake } from "../tls/records.ts";
import { readSecondHello, wantsSecondHello } from "../tls/second_hello.ts";
import { finish, type GuestStream, note } from "./guest_stream.ts";
import { serveRequests } from "./requests.ts";
import { sniff, type Speech } from "./sniff.ts";

/**
 * Serves the tunnel until it is over. TLS must be for the host that was asked for; each HTTP request must be, too;
 * anything else needs a rule that names the port.
 *
 * @throws {Refusal}
 */
export async function serveTunnel(
  stream: GuestStream,
  authority: Authority,
  verdict: Allowed,
  server: Opened,
  via: Via,
): Promise<void> {
  const { client, guard, services: { limits } } = stream;
  const { secrets } = stream.services;
  const own = secrets?.secretsFor(authority.host, authority.port) ?? [];
  // TLS takes over a connection only that nobody reads from; where secrets go, the client begins.
  const speech = await listen(stream, verdict, own.length > 0 ? undefined : server);
  if (speech === undefined) return;
  if (speech === "http") {
    const locate = (head: Parameters<typeof parseOriginTarget>[0]) => parseOriginTarget(head, authority);
    return await serveRequests(stream, { via, use: "tunnel", locate, opened: server });
  }
  if (speech === "raw" && !verdict.raw) {
    const target = `${hostText(authority.host)}:${authority.port}`;
    throw new Refusal("mismatch", `a connection to ${target} is neither TLS nor HTTP/1.1`, {
      remedy: `silo config network allow ${target}`,
    });
  }
  if (speech === "tls") {
    try {
      if (own.length === 0) await passHello(stream, authority, verdict, server);
      // Whom a hello hides is not what is answered here, and its outer name must still be the host.
      else await readHello(stream, authority, { ...verdict, allowNoSni: true });
    } catch (error) {
      note(stream, error);
      // The client learns at once that it was refused, and not that the network is bad.
      await writeAll(client.stream, ACCESS_DENIED_ALERT).catch(() => {});
      await finish(client);
      throw error;
    }
    if (own.length > 0) return await secrets!.serve(stream, authority, verdict, server, via, own);
  }
  await relay(client, server, () => guard.limitMs = limits.halfClosedMs);
}

/** What the client speaks; undefined if it ended the connection without a word. */
async function listen(
  { client, services }: GuestStream,
  verdict: Allowed,
  server: Opened | undefined,
): Promise<Speech | undefined> {
  // Once it is told, nothing here may touch the reader again: others look at what is in it.
  let told = false;
  const hear = async (): Promise<Speech | undefined> => {
    while (!told) {
      const speech = sniff(client.reader.buffered, verdict.raw);
      if (speech !== "more") return speech;
      if (!await client.reader.fill()) return client.reader.buffered.length > 0 ? "raw" : undefined;
    }
    return undefined;
  };
  if (!verdict.raw || server === undefined) {
    return await deadline(hear(), services.limits.headMs, "waiting for the client's first bytes");
  }
  // Where anything may be spoken, the server may be the one to begin; neither TLS nor HTTP does.
  const greeted = server.reader.fill().then((more) => more ? "raw" as const : hear(), () => hear());
  try {
    return await Promise.race([hear(), greeted]);
  } finally {
    told = true;
  }
}

async function passHello(
  stream: GuestStream,
  { host, port }: Authority,
  verdict: Allowed,
  server: Opened,
): Promise<void> {
  const { client: { reader }, services: { limits } } = stream;
  const pass = async (bytes: number) => {
    await writeAll(server.stream, reader.buffered.slice(0, bytes));
    reader.consume(bytes);
  };
  await pass(await readHello(stream, { host, port }, verdict));
  if (!await wantsSecondHello(server.reader)) return;
  // The client needs the request before it can answer it.
  await writeAll(stream.client.stream, server.reader.buffered.slice());
  server.reader.consume(server.reader.buffered.length);
  const second = await deadline(readSecondHello(reader, limits.helloBytes), limits.headMs, "a second ClientHello");
  if (second === undefined) return;
  checkClientHello(parseClientHello(second.type, second.body), host, port, verdict);
  await pass(second.bytes);
}

/** Waits for a ClientHello, checks it, and leaves it in the reader: how many bytes it has. */
async function readHello(stream: GuestStream, { host, port }: Authority, verdict: Allowed): Promise<number> {
  const { client: { reader }, services: { limits } } = stream;
  const read = async () => {
    for (;;) {
      const message = readHandshake(reader.buffered, limits.helloBytes);
      if (message !== undefined) return message;
      if (!await reader.fill()) throw new Refusal("protocol", "the TLS handshake ends too early");
    }
  };
  const { type, body, bytes } = await deadline(read(), limits.headMs, "a TLS ClientHello");
  checkClientHello(parseClientHello(type, body), host, port, verdict);
  return bytes;
}
