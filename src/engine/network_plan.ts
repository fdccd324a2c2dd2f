/**
 * The network of a run: what it may reach, whom it trusts, and what its programs are told. Loaded only for a run that
 * has a network at all.
 *
 * @module
 */
import type { NetworkSettings } from "../config/config.ts";
import type { Host } from "../host.ts";
import { rememberedCertificates } from "./remembered_certificates.ts";
import { composePolicy, isOffline } from "../network/policy/compose.ts";
import type { NetworkMode, NetworkPolicy } from "../network/policy/policy.ts";
import type { Secret } from "../network/secrets/secret.ts";
import type { NetworkPhase } from "./decide_network.ts";

/** What a run has instead of a network card. */
export interface NetworkPlan {
  readonly policy: NetworkPolicy;
  /** Certificate authorities (PEM) that the guest trusts beside its own; "" if there are none. */
  readonly certificates: string;
  /** What only the egress knows. */
  readonly secrets: readonly Secret[];
}

/**
 * Decides about the network of a run; null if it has none.
 *
 * @throws {import("../errors.ts").SiloError} that names the rule which is wrong.
 */
export function planNetwork(
  host: Host,
  settings: NetworkSettings,
  mode: NetworkMode,
  phase: NetworkPhase,
  secrets: readonly Secret[] = [],
): NetworkPlan | null {
  const { allow = [], installAllow = [], deny = [], hostPorts = [] } = settings;
  const policy = composePolicy([{ allow, installAllow, deny, hostPorts }], phase, mode);
  if (isOffline(policy) && (mode === "none" || !settings.hostAccess)) return null;
  return { policy, certificates: settings.hostCertificates === false ? "" : rememberedCertificates(host), secrets };
}
