/**
 * What a run may reach, and the decision about one host and port. Pure: names only, nothing is looked up. What a name
 * leads to is judged by {@link judgeAddress} when it has been resolved.
 *
 * @module
 */
import { type AddressClass, classify, isNeverDialled } from "./address_class.ts";
import { type Host, hostText } from "./host_name.ts";
import { DEFAULT_PORTS, matchesHost, type Rule } from "./rule.ts";

/**
 * - `none`: nothing at all.
 * - `default`: what a rule names.
 * - `learn`: every public host; what no rule names is remembered, to be proposed as rules.
 * - `open`: every public host.
 *
 * `deny` holds in each of them.
 */
export type NetworkMode = "none" | "default" | "learn" | "open";

export const NETWORK_MODES: readonly NetworkMode[] = ["none", "default", "learn", "open"];

/** Plain data, complete: nothing has to be looked up to decide by it. */
export interface NetworkPolicy {
  readonly mode: NetworkMode;
  readonly allow: readonly Rule[];
  readonly deny: readonly Rule[];
  /** Ports of the host's own loopback that the guest reaches as `host.silo.internal`. */
  readonly hostPorts: readonly number[];
}

export const NO_NETWORK: NetworkPolicy = { mode: "none", allow: [], deny: [], hostPorts: [] };

/** The name of the host in the guest. */
export const HOST_SERVICES = "host.silo.internal";

export type Verdict = Allowed | Denied;

export interface Allowed {
  readonly allowed: true;
  /** `host`: a service on the host's loopback; `outside`: wherever the name leads. */
  readonly route: "outside" | "host";
  /** A rule names this host and says that it may be at an address that is not public. */
  readonly private: boolean;
  readonly allowNoSni: boolean;
  /** A rule names this very port, so it need not be TLS or HTTP. */
  readonly raw: boolean;
  /** No rule allows it: it passes because the mode is `learn`. */
  readonly learned: boolean;
}

export interface Denied {
  readonly allowed: false;
  /** One line, lower case. */
  readonly reason: string;
  /** The command or setting that would allow it; undefined if nothing would. */
  readonly remedy: string | undefined;
}

/** Decides about a connection to `host`:`port`. */
export function judge(policy: NetworkPolicy, host: Host, port: number): Verdict {
  const name = hostText(host);
  if (policy.mode === "none") {
    return denied(`host ${name} is not allowed: this run has no network`, undefined);
  }
  const deny = policy.deny.find((rule) => (rule.port ?? port) === port && matchesHost(rule.host, host));
  if (deny !== undefined) return denied(`host ${name} is denied by the rule "${deny.text}"`, undefined);
  if (name === HOST_SERVICES) return judgeHostService(policy, port);

  const naming = policy.allow.filter((rule) => matchesHost(rule.host, host));
  const rules = naming.filter((rule) => rule.port === port || (rule.port === null && DEFAULT_PORTS.includes(port)));
  if (rules.length > 0) {
    return {
      allowed: true,
      route: "outside",
      private: rules.some((rule) => rule.private),
      allowNoSni: host.kind === "address" || policy.mode !== "default" || rules.some((rule) => rule.allowNoSni),
      raw: policy.mode !== "default" || rules.some((rule) => rule.port !== null),
      learned: false,
    };
  }
  if (policy.mode === "open" || policy.mode === "learn") {
    const learned = policy.mode === "learn";
    return { allowed: true, route: "outside", private: false, allowNoSni: true, raw: true, learned };
  }
  const target = allowText(host, port);
  if (host.kind === "address") {
    return denied(
      `${target} is an address and no rule names it`,
      `add ${ruleTable(host, port, "private")} to allow in silo.toml`,
    );
  }
  const what = naming.length > 0 ? `port ${port} of host ${name} is not allowed` : `host ${target} is not allowed`;
  return denied(what, `silo config network allow ${target}`);
}

/** Whether a name is worth an address in the guest: some port of it is allowed. */
export function isNameKnown(policy: NetworkPolicy, name: string): boolean {
  const host: Host = { kind: "name", name };
  if (policy.mode === "none") return false;
  if (policy.deny.some((rule) => rule.port === null && matchesHost(rule.host, host))) return false;
  if (name === HOST_SERVICES) return policy.hostPorts.length > 0;
  return policy.mode !== "default" || policy.allow.some((rule) => matchesHost(rule.host, host));
}

/**
 * Decides about an address that an allowed host leads to: undefined if it may be dialled, else what kind of place it
 * is. `own` are the addresses of this machine itself, where services trust whoever comes from there.
 */
export function judgeAddress(
  verdict: Allowed,
  address: string,
  own: ReadonlySet<string>,
): AddressClass | "this machine" | undefined {
  const kind = classify(address);
  if (isNeverDialled(kind)) return kind;
  if (verdict.private) return undefined;
  if (kind !== "public") return kind;
  return own.has(address) ? "this machine" : undefined;
}

/** `host` or `host:port`, as a rule that allows it is written. */
export function allowText(host: Host, port: number): string {
  return DEFAULT_PORTS.includes(port) ? hostText(host) : `${hostText(host)}:${port}`;
}

/** A rule for the host with a setting, as it is written in `silo.toml`. */
export function ruleTable(host: Host, port: number, setting: "private" | "allowNoSni"): string {
  return `{ host = ${JSON.stringify(allowText(host, port))}, ${setting} = true }`;
}

function judgeHostService(policy: NetworkPolicy, port: number): Verdict {
  if (!policy.hostPorts.includes(port)) {
    return denied(`port ${port} of the host is not allowed`, `add ${port} to hostPorts in silo.toml`);
  }
  return { allowed: true, route: "host", private: true, allowNoSni: true, raw: true, learned: false };
}

function denied(reason: string, remedy: string | undefined): Denied {
  return { allowed: false, reason, remedy };
}
