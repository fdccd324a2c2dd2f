/**
 * The way out of the guest. It has no network card; each connection that a program in it makes comes here as a stream
 * of bytes, and everything about it is read and decided here, on the host.
 *
 * @module
 */
import type { NetworkAccess } from "./dial/access.ts";
import { Outbound } from "./dial/outbound.ts";
import { NO_PROXIES, type UpstreamProxies } from "./dial/upstream_proxy.ts";
import { AddressPool } from "./dns/address_pool.ts";
import type { EgressHeader } from "./header.ts";
import { BufferedReader } from "./io/buffered_reader.ts";
import { closeQuietly, type Duplex } from "./io/duplex.ts";
import { Guard } from "./io/guard.ts";
import { type Denial, Ledger } from "./ledger.ts";
import { LIMITS, type Limits } from "./limits.ts";
import type { NetworkPolicy } from "./policy/policy.ts";
import { Refusal } from "./refusal.ts";
import { serveDirect } from "./serve/direct.ts";
import { serveDns } from "./serve/dns.ts";
import { type GuestStream, note, type Secrets, type Services } from "./serve/guest_stream.ts";
import { serveProxy } from "./serve/proxy.ts";
import { denialSummary, failureSummary, learnedSummary } from "./summary.ts";

export interface EgressDeps extends NetworkAccess {
  /** Takes a line of the network log when something is refused for the first time, and its count at the end. */
  readonly log: (denial: Denial) => void;
  /** Wall clock, milliseconds since 1970. */
  readonly clock: () => number;
  /** Takes what must not happen: an error that is neither a refusal nor a broken connection. */
  readonly bug?: (error: unknown) => void;
  readonly proxies?: UpstreamProxies;
  readonly limits?: Partial<Limits>;
  /** `Vault` of `secrets/vault.ts`, if the run has secrets. */
  readonly secrets?: Secrets | undefined;
}

/** The egress of one run. */
export class Egress {
  readonly #services: Services;
  readonly #guards = new Set<Guard>();
  readonly #bug: (error: unknown) => void;
  readonly #sweeper: ReturnType<typeof setInterval>;
  #closed = false;

  constructor(policy: NetworkPolicy, deps: EgressDeps) {
    const limits = { ...LIMITS, ...deps.limits };
    this.#bug = deps.bug ?? (() => {});
    this.#services = {
      policy,
      limits,
      outbound: new Outbound(deps, deps.proxies ?? NO_PROXIES, limits),
      ledger: new Ledger({ limit: limits.denials, clock: deps.clock, log: deps.log }),
      pool: new AddressPool(limits.dnsNames),
      secrets: deps.secrets,
    };
    const period = Math.max(10, Math.min(60_000, limits.idleMs / 4, limits.halfClosedMs / 4));
    this.#sweeper = setInterval(() => this.#sweep(), period);
    // A run that is over must not wait for it.
    Deno.unrefTimer(this.#sweeper);
  }

  /**
   * Serves one stream of the guest to its end, and closes it. `first` are bytes that came with the header. Never
   * throws: what goes wrong in a stream is answered in it.
   */
  async serve(connection: Duplex, header: EgressHeader, first?: Uint8Array): Promise<void> {
    const { limits } = this.#services;
    if (this.#closed || this.#guards.size >= limits.streams) return closeQuietly(connection);
    const guard = new Guard(limits.idleMs);
    this.#guards.add(guard);
    const watched = guard.watch(connection);
    const stream: GuestStream = {
      services: this.#services,
      client: { stream: watched, reader: new BufferedReader(watched, first) },
      guard,
      asked: undefined,
    };
    try {
      await serveVia(stream, header);
    } catch (error) {
      note(stream, error);
      if (isBug(error)) this.#bug(error);
    } finally {
      guard.close();
      this.#guards.delete(guard);
    }
  }

  /** What was refused so far. */
  denials(): Denial[] {
    return this.#services.ledger.denials();
  }

  /** Rules that the run would have needed; mode `learn` alone. */
  learned(): string[] {
    return this.#services.ledger.learned();
  }

  /** Every host that was asked for, the allowed ones first. */
  hosts(): { host: string; port: number | null; allowed: boolean; count: number; reason: string }[] {
    const { ledger } = this.#services;
    return [
      ...ledger.passed().map((passed) => ({ ...passed, allowed: true, reason: "" })),
      ...ledger.denials().map(({ host, port, count, reason }) => ({ host, port, count, reason, allowed: false })),
    ];
  }

  /** Text for the end of the run, each line ended; "" if there is nothing to say. */
  summary(): string {
    const { ledger } = this.#services;
    return denialSummary(ledger.denials(), ledger.others) + failureSummary(ledger.failures()) +
      learnedSummary(ledger.learned());
  }

  /** Ends every stream and takes no more. May be called twice. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#sweeper);
    for (const guard of this.#guards) guard.close();
    this.#services.ledger.close();
  }

  #sweep(): void {
    for (const guard of this.#guards) guard.sweep();
  }
}

async function serveVia(stream: GuestStream, header: EgressHeader): Promise<void> {
  switch (header.via) {
    case "proxy":
      return await serveProxy(stream);
    case "dns":
      return await serveDns(stream);
    case "direct":
      return await serveDirect(stream, header.address, header.port);
  }
}

function isBug(error: unknown): boolean {
  return !(error instanceof Refusal) &&
    (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError);
}
