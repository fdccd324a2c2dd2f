/**
 * Connections to the hosts of secrets: TLS ends here, on both sides, and requests are read and changed in between.
 * Imported by who makes a vault alone: a run without secrets does not load Node's TLS.
 *
 * @module
 */
import { type SecureContext, TLSSocket } from "node:tls";
import { reasonOf } from "../../errors.ts";
import type { Opened } from "../dial/outbound.ts";
import { type Authority as Target, parseOriginTarget } from "../http/target.ts";
import { BufferedReader } from "../io/buffered_reader.ts";
import { deadline } from "../io/deadline.ts";
import { closeQuietly, type Duplex } from "../io/duplex.ts";
import type { End } from "../io/relay.ts";
import type { Via } from "../ledger.ts";
import { type Host, hostText } from "../policy/host_name.ts";
import type { Allowed } from "../policy/policy.ts";
import { Refusal } from "../refusal.ts";
import { type GuestStream, open, type Secrets } from "../serve/guest_stream.ts";
import { serveRequests } from "../serve/requests.ts";
import { Authority } from "./authority.ts";
import { fromNode, toNode } from "./node_streams.ts";
import { Rewriter } from "./rewriter.ts";
import { domainsOf, type Secret, secretsFor } from "./secret.ts";

const PROTOCOLS = ["http/1.1"];

/** The secrets of a run, and the authority that answers for their hosts. */
export class Vault implements Secrets {
  readonly #secrets: readonly Secret[];
  readonly #authority: Authority;
  readonly #trusted: readonly string[];

  /**
   * @param now milliseconds since 1970.
   * @param trusted authorities to trust beside those that every connection of this process trusts, PEM.
   */
  constructor(secrets: readonly Secret[], now: number, trusted: readonly string[] = []) {
    this.#secrets = secrets;
    this.#authority = new Authority(domainsOf(secrets), now);
    this.#trusted = trusted;
  }

  /** The authority's certificate, PEM: what the guest has to trust. */
  get certificate(): string {
    return this.#authority.pem;
  }

  secretsFor(host: Host, port: number): Secret[] {
    return secretsFor(this.#secrets, host, port);
  }

  /**
   * Serves a connection in whose reader a ClientHello for `target` stands.
   *
   * @param first a connection to the target, on which nothing was said yet.
   * @throws {Refusal}
   */
  async serve(
    stream: GuestStream,
    target: Target,
    verdict: Allowed,
    first: Opened,
    via: Via,
    secrets: readonly Secret[],
  ): Promise<void> {
    const { host, port } = target;
    const name = hostText(host);
    const { limits } = stream.services;
    const client = await deadline(
      answerAs(this.#authority.contextFor(name), stream.client),
      limits.headMs,
      "a TLS handshake",
    );
    const verified = (connection: Opened) =>
      deadline(connectTls(connection, name, this.#trusted), limits.connectMs, `TLS with ${name}`);
    let unused: Opened | undefined = first;
    const reopen = async () => {
      const connection = unused ?? await open(stream, host, port, verdict, "tunnel");
      unused = undefined;
      const secure = await verified(connection);
      return { ...secure, stream: stream.guard.watch(secure.stream) };
    };
    try {
      await serveRequests({ ...stream, client }, {
        via,
        use: "tunnel",
        locate: (head) => parseOriginTarget(head, { host, port, secure: true }),
        reopen,
        rewriting: new Rewriter(secrets),
      });
    } finally {
      closeQuietly(client.stream);
    }
  }
}

/** Answers a client's TLS handshake. */
async function answerAs(secureContext: SecureContext, client: End): Promise<End> {
  const socket = new TLSSocket(toNode(client), { isServer: true, secureContext, ALPNProtocols: PROTOCOLS });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("secure", resolve);
  socket.once("close", () => reject(new Error("the connection was closed")));
  const stream = fromNode(socket);
  socket.on("error", reject);
  try {
    await promise;
  } catch (cause) {
    closeQuietly(stream);
    throw new Refusal("protocol", `the TLS handshake failed: ${reasonOf(cause)}`, { cause });
  }
  return { stream, reader: new BufferedReader(stream) };
}

/** Begins TLS with the host, and accepts only who proves to be it. */
async function connectTls(connection: Opened, hostname: string, trusted: readonly string[]): Promise<Opened> {
  let secure: Deno.TlsConn | undefined;
  try {
    // The system's own connection, for TLS takes it over. A server says nothing before it is spoken to.
    secure = await Deno.startTls(connection.raw as Deno.TcpConn, {
      hostname,
      caCerts: [...trusted],
      alpnProtocols: PROTOCOLS,
    });
    await secure.handshake();
  } catch (cause) {
    if (secure !== undefined) closeQuietly(secure);
    throw new Refusal("unreachable", `no TLS with ${hostname}: ${reasonOf(cause)}`, { cause });
  }
  const stream: Duplex = secure;
  return { stream, raw: stream, reader: new BufferedReader(stream), requestProxy: undefined };
}
