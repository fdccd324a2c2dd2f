/**
 * Opens connections to hosts that were allowed: looks the name up, judges every address, and dials one that was judged,
 * by address. A second look-up in between could give another answer.
 *
 * @module
 */
import { reasonOf } from "../../errors.ts";
import { parseResponseHead } from "../http/head.ts";
import { readHead } from "../http/read_head.ts";
import { BufferedReader } from "../io/buffered_reader.ts";
import { deadline } from "../io/deadline.ts";
import { closeQuietly, type Duplex, writeAll } from "../io/duplex.ts";
import type { End } from "../io/relay.ts";
import type { Limits } from "../limits.ts";
import { canonicalAddress } from "../policy/address_class.ts";
import { type Host, hostText } from "../policy/host_name.ts";
import { type Allowed, judgeAddress, ruleTable } from "../policy/policy.ts";
import { Refusal } from "../refusal.ts";
import type { NetworkAccess } from "./access.ts";
import { interleave, raceAddresses } from "./race.ts";
import { proxyFor, type UpstreamProxies, type UpstreamProxy } from "./upstream_proxy.ts";

/** A connection that is ready for the first byte. */
export interface Opened extends End {
  /** The same stream, not watched, as it was dialled: to be taken over by TLS. */
  readonly raw: Duplex;
  /** Set if requests have to be written as to a proxy: with a whole URL, and this proxy's authorization. */
  readonly requestProxy: UpstreamProxy | undefined;
}

/** Puts a new connection under the watch of the stream that it belongs to. */
export type Watch = (connection: Duplex) => Duplex;

/** The host's loopback: where programs listen that know only one of the two kinds of addresses. */
const LOOPBACK = ["127.0.0.1", "::1"];
/** Behind a proxy the host often cannot look outside names up, and waits long to find out. */
const RESOLVE_BESIDE_PROXY_MS = 2_000;

export class Outbound {
  readonly #access: NetworkAccess;
  readonly #proxies: UpstreamProxies;
  readonly #limits: Limits;

  constructor(access: NetworkAccess, proxies: UpstreamProxies, limits: Limits) {
    this.#access = access;
    this.#proxies = proxies;
    this.#limits = limits;
  }

  /**
   * Connects to `host`:`port`. `use` is `http` for requests that are written one by one, `tunnel` for bytes.
   *
   * @throws {Refusal} `address` if the name leads where it must not, else `unreachable` or `limit`.
   */
  async open(host: Host, port: number, verdict: Allowed, use: "http" | "tunnel", watch: Watch): Promise<Opened> {
    if (verdict.route === "host") {
      return plain(await this.#dialAny(host, LOOPBACK, port), watch);
    }
    const proxy = proxyFor(this.#proxies, use, host, port);
    if (proxy === undefined) {
      const addresses = this.#judged(host, port, await this.#addressesOf(host, this.#limits.resolveMs), verdict);
      return plain(await this.#dialAny(host, addresses, port), watch);
    }
    // The proxy looks the name up by itself; what can be known here about where it leads still counts.
    const known = await this.#addressesOf(host, RESOLVE_BESIDE_PROXY_MS).catch(() => undefined);
    if (known !== undefined) this.#judged(host, port, known, verdict);
    const connection = plain(await this.#dialProxy(proxy), watch);
    if (use === "http") return { ...connection, requestProxy: proxy };
    try {
      await this.#connectThrough(connection, proxy, `${hostText(host)}:${port}`);
      return connection;
    } catch (error) {
      closeQuietly(connection.stream);
      throw error;
    }
  }

  async #addressesOf(host: Host, limitMs: number): Promise<readonly string[]> {
    if (host.kind === "address") return [host.address];
    try {
      return await deadline(this.#access.resolve(host.name), limitMs, `looking up ${host.name}`);
    } catch (cause) {
      const why = cause instanceof Refusal ? cause.message : `host ${host.name} was not found`;
      throw new Refusal("unreachable", why, { cause });
    }
  }

  /** The addresses that may be dialled, in the order to try them. */
  #judged(host: Host, port: number, addresses: readonly string[], verdict: Allowed): string[] {
    const name = hostText(host);
    const own = this.#access.ownAddresses();
    const good: string[] = [];
    let bad: string | undefined;
    for (const text of addresses) {
      const address = canonicalAddress(text);
      const why = address === undefined ? "not an address" : judgeAddress(verdict, address, own);
      if (why === undefined) good.push(address!);
      else bad ??= `${address ?? "?"} (${why})`;
    }
    if (good.length > 0) return interleave([...new Set(good)]).slice(0, this.#limits.candidates);
    if (bad === undefined) throw new Refusal("unreachable", `host ${name} has no address`);
    throw new Refusal("address", `host ${name} is at ${bad}, which is not on the public internet`, {
      remedy: `add ${ruleTable(host, port, "private")} to allow in silo.toml`,
    });
  }

  async #dialAny(host: Host, addresses: readonly string[], port: number): Promise<Duplex> {
    try {
      return await raceAddresses(
        addresses,
        (address, signal) => this.#access.dial(address, port, signal),
        this.#limits,
      );
    } catch (cause) {
      const why = cause instanceof Refusal ? cause.message : reasonOf(cause);
      throw new Refusal("unreachable", `could not connect to ${hostText(host)}:${port}: ${why}`, { cause });
    }
  }

  /** The person's own network settings name the proxy: where it is needs no rule. */
  async #dialProxy(proxy: UpstreamProxy): Promise<Duplex> {
    try {
      const addresses = await this.#addressesOf(proxy.host, this.#limits.resolveMs);
      return await this.#dialAny(proxy.host, addresses.slice(0, this.#limits.candidates), proxy.port);
    } catch (cause) {
      throw new Refusal("unreachable", `the host's own proxy cannot be reached: ${reasonOf(cause)}`, { cause });
    }
  }

  async #connectThrough({ stream, reader }: End, proxy: UpstreamProxy, target: string): Promise<void> {
    const authorization = proxy.authorization === undefined ? "" : `Proxy-Authorization: ${proxy.authorization}\r\n`;
    const { answerMs } = this.#limits;
    const request = `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`;
    await writeAll(stream, new TextEncoder().encode(request));
    const bytes = await readHead(reader, { ...this.#limits, headMs: answerMs }, answerMs);
    if (bytes === null) throw new Refusal("unreachable", "the host's own proxy closed the connection");
    const { status } = parseResponseHead(bytes, this.#limits.headerLines);
    if (status < 200 || status > 299) {
      const why = status === 407 ? "it wants other credentials" : `it answered ${status}`;
      throw new Refusal("unreachable", `the host's own proxy does not connect to ${target}: ${why}`);
    }
  }
}

function plain(raw: Duplex, watch: Watch): Opened {
  const stream = watch(raw);
  return { stream, raw, reader: new BufferedReader(stream), requestProxy: undefined };
}
