/**
 * Whether a run has a network.
 *
 * @module
 */
import type { NetworkSettings } from "../config/config.ts";
import type { Host } from "../host.ts";
import type { NetworkMode } from "../network/policy/policy.ts";
import type { Secret } from "../network/secrets/secret.ts";
import { type NetworkPlan, planNetwork } from "./network_plan.ts";

/** `install`: while something is installed, built or added; `installAllow` counts then alone. */
export type NetworkPhase = "run" | "install";

/**
 * The network of a run; null if it has none.
 *
 * @throws {import("../errors.ts").SiloError} that names the rule which is wrong.
 */
export async function decideNetwork(
  host: Host,
  settings: NetworkSettings,
  mode: NetworkMode = "default",
  phase: NetworkPhase = "run",
  secrets: readonly Secret[] = [],
): Promise<NetworkPlan | null> {
  if (mode === "none" || (mode === "default" && opensNothing(settings, phase))) return null;
  return await planNetwork(host, settings, mode, phase, secrets);
}

function opensNothing({ allow, installAllow, hostPorts, hostAccess }: NetworkSettings, phase: NetworkPhase): boolean {
  const opening = [allow, hostPorts, phase === "install" ? installAllow : undefined];
  return !hostAccess && opening.every((list) => list === undefined || list.length === 0);
}
