/**
 * What a project's `silo.toml` asks for that widens what the sandbox may reach. The sandboxed tool can write that file,
 * so such a wish counts only once a person on the host has accepted exactly these bytes.
 *
 * @module
 */
import { printable, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import {
  type ConfigFile,
  DEFAULT_MEMORY_MB,
  DEFAULT_ROOTFS_SIZE_MB,
  type NetworkRule,
  type Settings,
  type ToolSettings,
} from "./config.ts";
import type { LoadedConfig } from "./load.ts";
import { Remembered } from "./remembered.ts";

/** What a file widens, one line each, for a person. Empty: it needs nobody's consent. */
export function widenings(config: ConfigFile): string[] {
  const lines = widenedBy(config, "");
  for (const [tool, settings] of Object.entries(config.tools ?? {})) {
    lines.push(...widenedBy(settings, ` (${tool})`), ...buildsOf(settings, tool));
  }
  return lines;
}

/** Builds run with the hosts that installing may reach, and what they make is used by every later run. */
function buildsOf({ post_install }: ToolSettings, tool: string): string[] {
  return (post_install ?? []).map((step) => {
    const what = typeof step === "string" ? step : "run" in step ? step.run : `the script ${step.script}`;
    return printable(`builds ${tool} with: ${what}`).replaceAll("\n", "\ufffd");
  });
}

function widenedBy(settings: Settings, suffix: string): string[] {
  const lines = (settings.mounts ?? []).map(({ source, target, readOnly }) =>
    `sees ${source} of this machine as ${target}${readOnly ? ", read-only" : ", and may change it"}${suffix}`
  );
  for (const name of settings.passEnv ?? []) lines.push(`sees the environment variable ${name}${suffix}`);
  const { allow = [], installAllow = [], hostPorts = [], hostAccess } = settings.network ?? {};
  for (const rule of allow) lines.push(`reaches ${ruleText(rule)}${suffix}`);
  for (const rule of installAllow) lines.push(`reaches ${ruleText(rule)} while it is built${suffix}`);
  for (const port of hostPorts) lines.push(`reaches port ${port} of this machine${suffix}`);
  if (hostAccess) lines.push(`has the network on${suffix}`);
  const { ports = [], passSshAgent = false, secrets = {} } = settings;
  for (const port of [ports].flat()) {
    lines.push(`gets ${port === "auto" ? "every port it listens on" : `port ${port}`} opened on this machine${suffix}`);
  }
  if (passSshAgent === true) lines.push(`may sign with every key of your ssh-agent${suffix}`);
  else for (const key of passSshAgent || []) lines.push(`may sign with the key ${key} of your ssh-agent${suffix}`);
  for (const [name, { from, hosts }] of Object.entries(secrets)) {
    lines.push(`sends the secret ${name} (${from}) to ${hosts.join(", ")}${suffix}`);
  }
  const { memoryMB = 0, rootfsSizeMB = 0 } = settings.resources ?? {};
  if (memoryMB > DEFAULT_MEMORY_MB) lines.push(`may use ${memoryMB} MiB of this machine's memory${suffix}`);
  if (rootfsSizeMB > DEFAULT_ROOTFS_SIZE_MB) lines.push(`may use ${rootfsSizeMB} MiB of this machine's disk${suffix}`);
  return lines.map((line) => printable(line).replaceAll("\n", "\ufffd"));
}

function ruleText(rule: NetworkRule): string {
  if (typeof rule === "string") return rule;
  return `${rule.host}${rule.private ? ", at a private address too" : ""}${rule.allowNoSni ? ", unnamed in TLS" : ""}`;
}

/** Asks the person; only called where there is one. */
export type AskTrust = (question: { path: string; widens: readonly string[] }) => Promise<boolean>;

/**
 * Lets a project's file pass if it widens nothing, was accepted before, or is accepted now.
 *
 * @param ask undefined where nobody can be asked.
 * @throws {SiloError} if it is not accepted.
 */
export async function requireTrust(host: Host, file: LoadedConfig, ask: AskTrust | undefined): Promise<void> {
  const widens = widenings(file.config);
  if (widens.length === 0) return;
  const trusted = new Remembered(host, "trusted");
  if (await trusted.has(file.path, file.digest)) return;
  if (await ask?.({ path: file.path, widens })) return await trusted.remember(file.path, file.digest);
  throw new SiloError(`could not use ${file.path}: what it opens to the sandbox has not been accepted`, {
    details: widens.map((line) => `- the sandbox ${line}`).join("\n"),
    hint: "If that is what you want: silo trust",
  });
}
