/**
 * What a project's `silo.toml` lets the sandbox reach, and what it withholds: the one place that knows which change of
 * it is wider. Pure.
 *
 * A {@link Reach} is what a file grants and how it limits. A file is wider than another if it grants something that the
 * other does not cover, or lacks a limit that the other has.
 *
 * @module
 */
import { printable } from "../errors.ts";
import {
  type ConfigFile,
  DEFAULT_MEMORY_MB,
  DEFAULT_ROOTFS_SIZE_MB,
  type NetworkRule,
  type Settings,
  type StepSetting,
  type ToolSettings,
} from "./config.ts";

/** One thing that is opened (or, as a limit, withheld). */
export interface Item {
  readonly kind: string;
  /** What exactly: a host, a path, the name of a variable. */
  readonly subject: string;
  /** Undefined: every tool. */
  readonly tool?: string | undefined;
  /** More of it is wider. */
  readonly amount?: number | undefined;
  /** What the files of the project contained that it runs. */
  readonly content?: string | undefined;
}

/** What a step of a build runs of the project's files: their digest, if it runs any. */
export type ContentOf = (step: StepSetting) => string | undefined;

export interface Reach {
  readonly grants: readonly Item[];
  readonly limits: readonly Item[];
}

export const NO_REACH: Reach = { grants: [], limits: [] };

/** The reach of a file, each tool's part for itself. */
export function reachOf(config: ConfigFile, contentOf: ContentOf = () => undefined): Reach {
  const grants = grantsOf(config, undefined, contentOf);
  const limits = limitsOf(config, undefined);
  for (const [tool, settings] of Object.entries(config.tools ?? {})) {
    grants.push(...grantsOf(settings, tool, contentOf), ...buildsOf(settings, tool, contentOf));
    limits.push(...limitsOf(settings, tool));
  }
  return { grants, limits };
}

/** What `wanted` has beyond `accepted`: what it grants anew, and what it withholds no longer. */
export function widened(accepted: Reach, wanted: Reach): Reach {
  return {
    grants: wanted.grants.filter((grant) => !accepted.grants.some((other) => covers(other, grant))),
    limits: accepted.limits.filter((limit) => !wanted.limits.some((other) => isSame(other, limit))),
  };
}

export function isEmpty({ grants, limits }: Reach): boolean {
  return grants.length === 0 && limits.length === 0;
}

/**
 * What {@link widened} found, one line each: "the sandbox …". Free of control characters.
 *
 * @param accepted what it was found beyond: of a build that was accepted, only what it runs is new.
 */
export function describeWidened({ grants, limits }: Reach, accepted: Reach = NO_REACH): string[] {
  const isKnown = (grant: Item) =>
    grant.content !== undefined && accepted.grants.some((other) => covers({ ...other, content: grant.content }, grant));
  return [
    ...grants.map((grant) => describeGrant(grant, isKnown(grant) ? ", whose files have changed" : "")),
    ...limits.map(describeLostLimit),
  ]
    .map((line) => printable(line).replaceAll("\n", "\ufffd"));
}

function grantsOf(settings: Settings, tool: string | undefined, contentOf: ContentOf): Item[] {
  const items: Item[] = [];
  const add = (kind: string, subject: string, amount?: number) => items.push({ kind, subject, tool, amount });
  for (const { source, target, readOnly } of settings.mounts ?? []) {
    add("mount", `${source} of this machine as ${target}`, readOnly ? 0 : 1);
  }
  for (const file of settings.passFiles ?? []) {
    add("file", typeof file === "string" ? file : `${file.source} as ${file.target}`);
  }
  if (settings.mount?.mode === "same-path") add("path", "");
  if (settings.mount?.readonly === false) add("write", "");
  for (const name of settings.passEnv ?? []) add("variable", name);
  const { allow = [], installAllow = [], hostPorts = [], hostAccess, hostCertificates } = settings.network ?? {};
  for (const rule of allow) add("host", ruleText(rule), ruleOptions(rule));
  for (const rule of installAllow) add("install host", ruleText(rule), ruleOptions(rule));
  for (const port of hostPorts) add("host port", String(port));
  if (hostAccess) add("network", "");
  if (hostCertificates) add("certificates", "");
  for (const port of [settings.ports ?? []].flat()) add("port", String(port));
  if (settings.passSshAgent === true) add("agent", "*");
  for (const key of Array.isArray(settings.passSshAgent) ? settings.passSshAgent : []) add("agent", key);
  for (const [name, { from, hosts }] of Object.entries(settings.secrets ?? {})) {
    for (const host of hosts) add("secret", `${name} (${from}) to ${host}`);
  }
  const { memoryMB = 0, rootfsSizeMB = 0 } = settings.resources ?? {};
  if (memoryMB > DEFAULT_MEMORY_MB) add("memory", "", memoryMB);
  if (rootfsSizeMB > DEFAULT_ROOTFS_SIZE_MB) add("disk", "", rootfsSizeMB);
  for (const line of settings.pre_run_hooks ?? []) add("hook", line);
  for (const line of settings.post_build_hooks ?? []) {
    items.push({ kind: "build hook", subject: line, tool, content: contentOf(line) });
  }
  return items;
}

/** Builds run with the hosts that installing may reach, and what they make is used by every later run. */
function buildsOf({ post_install }: ToolSettings, tool: string, contentOf: ContentOf): Item[] {
  return (post_install ?? []).map((step) => {
    const what = typeof step === "string" ? step : "run" in step ? step.run : `the script ${step.script}`;
    return { kind: "build", subject: what, tool, content: contentOf(step) };
  });
}

function limitsOf(settings: Settings, tool: string | undefined): Item[] {
  const { readonly, exclude = [] } = settings.mount ?? {};
  return [
    ...(readonly ? [{ kind: "readonly", subject: "", tool }] : []),
    ...exclude.map((path) => ({ kind: "exclude", subject: path.replace(/\/$/, ""), tool })),
    ...(settings.network?.deny ?? []).map((host) => ({ kind: "deny", subject: host, tool })),
  ];
}

function covers(accepted: Item, wanted: Item): boolean {
  if (wanted.content !== undefined && wanted.content !== accepted.content) return false;
  if (accepted.kind !== wanted.kind || (accepted.tool !== undefined && accepted.tool !== wanted.tool)) return false;
  if (accepted.kind.endsWith("host")) {
    // Options are bits: each must have been accepted.
    const options = accepted.amount ?? 0;
    return (options | (wanted.amount ?? 0)) === options && coversHost(accepted.subject, wanted.subject, options);
  }
  if ((accepted.amount ?? 0) < (wanted.amount ?? 0)) return false;
  if (accepted.subject === wanted.subject) return true;
  if (accepted.kind === "agent") return accepted.subject === "*";
  return accepted.kind === "port" && accepted.subject === "auto" && /^\d+$/.test(wanted.subject);
}

/** Whether a pattern of hosts was accepted with another: `*.a.com` has `x.a.com` in it, with the same port. */
function coversHost(accepted: string, wanted: string, options: number): boolean {
  if (accepted === wanted) return true;
  const [outer, inner] = [accepted, wanted].map((text) => /^(.*?)(:\d+)?$/.exec(text.toLowerCase())!);
  // What is said of many hosts with an option says nothing of one.
  if (options !== 0 || outer![2] !== inner![2] || !outer![1]!.startsWith("*.")) return false;
  return inner![1]!.replace(/^\*/, "x").endsWith(outer![1]!.slice(1));
}

function isSame(a: Item, b: Item): boolean {
  return a.kind === b.kind && a.subject === b.subject && (a.tool === b.tool || a.tool === undefined);
}

function ruleText(rule: NetworkRule): string {
  return typeof rule === "string" ? rule : rule.host;
}

const PRIVATE = 1;
const NO_SNI = 2;

function ruleOptions(rule: NetworkRule): number {
  return typeof rule === "string" ? 0 : (rule.private ? PRIVATE : 0) | (rule.allowNoSni ? NO_SNI : 0);
}

function describeGrant({ kind, subject, tool, amount = 0 }: Item, remark = ""): string {
  const options = `${amount & PRIVATE ? ", at a private address too" : ""}${amount & NO_SNI ? ", unnamed in TLS" : ""}`;
  const texts: Record<string, string> = {
    "mount": `sees ${subject}${amount === 0 ? ", read-only" : ", and may change it"}`,
    "file": `sees the file ${subject}, read-only`,
    "path": "is told where the project lies on this machine",
    "write": "may change the project, whatever your own settings say",
    "variable": `sees the environment variable ${subject}`,
    "host": `reaches ${subject}${options}`,
    "install host": `reaches ${subject} while it is built${options}`,
    "host port": `reaches port ${subject} of this machine`,
    "network": "has the network on",
    "certificates": "is given the authorities that were added to this machine",
    "port": `gets ${subject === "auto" ? "every port it listens on" : `port ${subject}`} opened on this machine`,
    "agent": `may sign with ${subject === "*" ? "every key" : `the key ${subject}`} of your ssh-agent`,
    "secret": `sends the secret ${subject}`,
    "memory": `may use ${amount} MiB of this machine's memory`,
    "disk": `may use ${amount} MiB of this machine's disk`,
    "hook": `runs before each tool: ${subject}`,
    "build hook": `is built with: ${subject}`,
    "build": `is built with: ${subject}`,
  };
  return `${texts[kind] ?? `${kind} ${subject}`}${remark}${tool === undefined ? "" : ` (${tool})`}`;
}

function describeLostLimit({ kind, subject, tool }: Item): string {
  const texts: Record<string, string> = {
    "readonly": "may change the project again",
    "exclude": `sees ${subject} of the project again`,
    "deny": `is no longer refused ${subject}`,
  };
  return `${texts[kind] ?? `${kind} ${subject}`}${tool === undefined ? "" : ` (${tool})`}`;
}
