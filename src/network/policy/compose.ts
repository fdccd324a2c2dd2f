/**
 * From the network sections of the registry, the user and the project to one policy.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import { NETWORK_MODES, type NetworkMode, type NetworkPolicy, NO_NETWORK } from "./policy.ts";
import { parseRule, type Rule, type RuleSource } from "./rule.ts";

/** The network section of one file. */
export interface NetworkSection {
  readonly allow?: readonly RuleSource[];
  /** Counts while something is installed, built or added, and never in a run. */
  readonly installAllow?: readonly RuleSource[];
  readonly deny?: readonly RuleSource[];
  readonly hostPorts?: readonly number[];
}

/**
 * Unites the sections. `phase` is `install` during install, build and add alone.
 *
 * @throws {SiloError} that names the rule which is wrong.
 */
export function composePolicy(
  sections: readonly NetworkSection[],
  phase: "run" | "install",
  mode: NetworkMode = "default",
): NetworkPolicy {
  // Wrong rules are told even if the phase or the mode makes them irrelevant.
  const always = unite(sections.flatMap((section) => section.allow ?? []), "allow");
  const install = unite(sections.flatMap((section) => section.installAllow ?? []), "allow");
  const allow = phase === "install" ? [...always, ...install] : always;
  const deny = unite(sections.flatMap((section) => section.deny ?? []), "deny");
  const hostPorts = [...new Set(sections.flatMap((section) => section.hostPorts ?? []))];
  const bad = hostPorts.find((port) => !Number.isInteger(port) || port < 1 || port > 65_535);
  if (bad !== undefined) {
    throw new SiloError(`could not use hostPorts: ${bad} is not a port`, {
      hint: "A port is a number from 1 to 65535.",
    });
  }
  return mode === "none" ? NO_NETWORK : { mode, allow, deny, hostPorts };
}

/** Whether the policy lets anything through: if not, no egress has to be set up. */
export function isOffline(policy: NetworkPolicy): boolean {
  if (policy.mode === "none") return true;
  return policy.mode === "default" && policy.allow.length === 0 && policy.hostPorts.length === 0;
}

/**
 * Reads the value of `--net`.
 *
 * @throws {SiloError} with the list of modes.
 */
export function parseMode(text: string): NetworkMode {
  const mode = NETWORK_MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  throw new SiloError(`could not use --net ${text}: there is no such mode`, {
    hint: `One of ${NETWORK_MODES.join(", ")}.`,
  });
}

function unite(sources: readonly RuleSource[], list: "allow" | "deny"): Rule[] {
  const rules = new Map<string, Rule>();
  for (const source of sources) {
    const rule = parseRule(source, list);
    rules.set(`${rule.text} ${rule.private} ${rule.allowNoSni}`, rule);
  }
  return [...rules.values()];
}
