/**
 * One stream of the guest while it is served, and the two steps that every way of asking goes through: may it be, and
 * open it.
 *
 * @module
 */
import type { AddressPool } from "../dns/address_pool.ts";
import type { Opened, Outbound } from "../dial/outbound.ts";
import { closeQuietly } from "../io/duplex.ts";
import type { Guard } from "../io/guard.ts";
import type { End } from "../io/relay.ts";
import type { Attempt, Ledger, Via } from "../ledger.ts";
import type { Authority } from "../http/target.ts";
import type { Limits } from "../limits.ts";
import { type Host, hostText } from "../policy/host_name.ts";
import { type Allowed, allowText, judge, type NetworkPolicy, ruleTable } from "../policy/policy.ts";
import { asRefusal, Refusal } from "../refusal.ts";
import type { Secret } from "../secrets/secret.ts";

/** What all streams of one run share. */
export interface Services {
  readonly policy: NetworkPolicy;
  readonly outbound: Outbound;
  readonly ledger: Ledger;
  readonly limits: Limits;
  readonly pool: AddressPool;
  readonly secrets: Secrets | undefined;
}

/** Hosts of secrets, whose connections are not the guest's own end to end: {@link import("../secrets/vault.ts")}. */
export interface Secrets {
  secretsFor(host: Host, port: number): readonly Secret[];
  serve(
    stream: GuestStream,
    target: Authority,
    verdict: Allowed,
    first: Opened,
    via: Via,
    secrets: readonly Secret[],
  ): Promise<void>;
}

export interface GuestStream {
  readonly services: Services;
  readonly client: End;
  readonly guard: Guard;
  /** What was asked for last, for the ledger. */
  asked: Attempt | undefined;
}

/**
 * Decides by the rules.
 *
 * @throws {Refusal} `rule`.
 */
export function permit(stream: GuestStream, host: Host, port: number, via: Via): Allowed {
  stream.asked = { host: hostText(host), port, via };
  const verdict = judge(stream.services.policy, host, port);
  if (!verdict.allowed) throw new Refusal("rule", verdict.reason, { remedy: verdict.remedy });
  return verdict;
}

/**
 * Opens what was permitted.
 *
 * @throws {Refusal}
 */
export async function open(
  stream: GuestStream,
  host: Host,
  port: number,
  verdict: Allowed,
  use: "http" | "tunnel",
): Promise<Opened> {
  const { outbound, ledger } = stream.services;
  const opened = await outbound.open(host, port, verdict, use, (connection) => stream.guard.watch(connection))
    .catch((error) => {
      ledger.fail(hostText(host), port, asRefusal(error));
      throw error;
    });
  ledger.pass(hostText(host), port);
  // Only what could be reached is worth a rule.
  if (verdict.learned) {
    ledger.learn(host.kind === "name" ? JSON.stringify(allowText(host, port)) : ruleTable(host, port, "private"));
  }
  return opened;
}

/** Writes a failure down, before it is answered: whoever has the answer can read the log. */
export function note({ asked, services: { ledger } }: GuestStream, error: unknown): Refusal {
  const refusal = asRefusal(error);
  if (asked !== undefined) ledger.deny(asked, refusal);
  return refusal;
}

const LINGER_MS = 2_000;
const LINGER_READS = 256;

/**
 * Ends a stream after a last answer. What the client is still sending is taken for a moment: a connection that is
 * closed with bytes unread is reset, and the reset can overtake the answer.
 */
export async function finish({ stream, reader }: End): Promise<void> {
  const timer = setTimeout(() => closeQuietly(stream), LINGER_MS);
  try {
    await stream.closeWrite();
    for (let reads = 0; reads < LINGER_READS && await reader.take(Infinity) !== null; reads++);
  } catch {
    /* the client is gone */
  } finally {
    clearTimeout(timer);
  }
}
