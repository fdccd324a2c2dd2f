/**
 * The network of a run: whether it has one, what it may reach, and whom it trusts.
 *
 * @module
 */
import type { NetworkSettings } from "../config/config.ts";
import type { Host } from "../host.ts";
import { rememberedCertificates } from "./remembered_certificates.ts";
import { composePolicy, isOffline } from "../network/policy/compose.ts";
import type { NetworkMode, NetworkPolicy } from "../network/policy/policy.ts";
import type { Secret } from "../network/secrets/secret.ts";

/** `install`: while something is installed, built or added; `installAllow` counts then alone. */
export type NetworkPhase = "run" | "install";

/** What a run has instead of a network card. */
export interface NetworkPlan {
  readonly policy: NetworkPolicy;
  /** Certificate authorities (PEM) that the guest trusts beside its own; "" if there are none. */
  readonly certificates: string;
  /** What only the egress knows. */
  readonly secrets: readonly Secret[];
}

/**
 * The network of a run; null if it has none.
 *
 * @throws {import("../errors.ts").SiloError} that names the rule which is wrong.
 */
export function decideNetwork(
  host: Host,
  settings: NetworkSettings,
  mode: NetworkMode = "default",
  phase: NetworkPhase = "run",
  secrets: readonly Secret[] = [],
): NetworkPlan | null {
  if (mode === "none" || (mode === "default" && opensNothing(settings, phase))) return null;
  const { allow = [], installAllow = [], deny = [], hostPorts = [] } = settings;
  const policy = composePolicy([{ allow, installAllow, deny, hostPorts }], phase, mode);
  if (isOffline(policy) && !settings.hostAccess) return null;
  return { policy, certificates: settings.hostCertificates === false ? "" : rememberedCertificates(host), secrets };
}

function opensNothing({ allow, installAllow, hostPorts, hostAccess }: NetworkSettings, phase: NetworkPhase): boolean {
  const opening = [allow, hostPorts, phase === "install" ? installAllow : undefined];
  return !hostAccess && opening.every((list) => list === undefined || list.length === 0);
}
