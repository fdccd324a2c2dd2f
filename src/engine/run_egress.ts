/**
 * The egress of one run, made when the guest opens its first stream: a run that does not use its network does not wait
 * for it.
 *
 * @module
 */
import { reasonOf } from "../errors.ts";
import type { Host } from "../host.ts";
import type { NetworkOutcome } from "./backend.ts";
import type { Egress } from "../network/egress.ts";
import { closeQuietly, type Duplex } from "../network/io/duplex.ts";
import type { Secrets } from "../network/serve/guest_stream.ts";
import type { NetworkPlan } from "./network_plan.ts";

export class RunEgress {
  readonly #tool: string;
  readonly #plan: NetworkPlan;
  readonly #host: Host;
  readonly #warn: (message: string) => void;
  #loading: Promise<Egress | undefined> | undefined;
  #closed = false;
  readonly #vault: (Secrets & { readonly certificate: string }) | undefined;

  /** `warn` takes what keeps the network from working at all. */
  static async make(tool: string, plan: NetworkPlan, host: Host, warn: (message: string) => void): Promise<RunEgress> {
    if (plan.secrets.length === 0) return new RunEgress(tool, plan, host, warn, undefined);
    // Made at once: the guest is told of its authority when it boots.
    const { Vault } = await import("../network/secrets/vault.ts");
    return new RunEgress(tool, plan, host, warn, new Vault(plan.secrets, host.now()));
  }

  private constructor(
    tool: string,
    plan: NetworkPlan,
    host: Host,
    warn: (message: string) => void,
    vault: (Secrets & { readonly certificate: string }) | undefined,
  ) {
    this.#vault = vault;
    this.#tool = tool;
    this.#plan = plan;
    this.#host = host;
    this.#warn = warn;
  }

  /** A certificate authority, PEM, that the guest has to trust for this run. */
  get authority(): string | undefined {
    return this.#vault?.certificate;
  }

  /** Serves one stream to its end. `header` is the parsed line of it, `first` the bytes behind. Never throws. */
  async serve(connection: Duplex, header: unknown, first: Uint8Array): Promise<void> {
    const egress = await (this.#loading ??= this.#load());
    const { egressHeader } = await import("../network/header.ts");
    const checked = egressHeader(header);
    if (egress === undefined || checked === undefined || this.#closed) return closeQuietly(connection);
    await egress.serve(connection, checked, first);
  }

  /** Ends all streams. Returns what came of them; undefined if there were none. */
  async close(): Promise<NetworkOutcome | undefined> {
    this.#closed = true;
    const egress = await this.#loading;
    if (egress === undefined) return undefined;
    const outcome = { summary: egress.summary(), hosts: egress.hosts() };
    egress.close();
    return outcome;
  }

  async #load(): Promise<Egress | undefined> {
    try {
      const [{ Egress }, { systemAccess }, { upstreamProxies }, { NetworkLog }] = await Promise.all([
        import("../network/egress.ts"),
        import("../network/dial/access.ts"),
        import("../network/dial/upstream_proxy.ts"),
        import("../network/network_log.ts"),
      ]);
      const log = new NetworkLog(this.#host.siloHome);
      return new Egress(this.#plan.policy, {
        ...systemAccess(),
        proxies: upstreamProxies(this.#host.env),
        log: (denial) => log.append(this.#tool, denial),
        clock: this.#host.now,
        secrets: this.#vault,
        bug: (error) => this.#warn(`the network has a fault: ${reasonOf(error)}`),
      });
    } catch (error) {
      this.#warn(reasonOf(error));
      return undefined;
    }
  }
}
