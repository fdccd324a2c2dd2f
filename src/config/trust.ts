/**
 * Consent. The sandboxed tool can write the project's `silo.toml`, so what the file opens counts only as far as a person
 * on the host has accepted it. Remembered is what was accepted, not the file: what is narrower never asks.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { ConfigFile } from "./config.ts";
import type { LoadedConfig } from "./load.ts";
import { describeWidened, isEmpty, type Item, NO_REACH, type Reach, reachOf, widened } from "./reach.ts";
import { Remembered } from "./remembered.ts";

/** What a file opens, one line each, for a person. Empty: it needs nobody's consent. */
export function widenings(config: ConfigFile): string[] {
  return describeWidened(widened(NO_REACH, reachOf(config)));
}

/** Asks the person; only called where there is one. `before`: whether something was accepted already. */
export type AskTrust = (question: { path: string; widens: readonly string[]; before: boolean }) => Promise<boolean>;

/**
 * Lets a project's file pass if it widens nothing since it was accepted, or is accepted now.
 *
 * @param ask undefined where nobody can be asked.
 * @throws {SiloError} if it is not accepted.
 */
export async function requireTrust(
  host: Host,
  file: Pick<LoadedConfig, "path" | "config">,
  ask: AskTrust | undefined,
): Promise<void> {
  const accepted = await acceptedReach(host, file.path);
  const wanted = reachOf(file.config);
  const more = widened(accepted ?? NO_REACH, wanted);
  if (isEmpty(more)) {
    // Limits count from the first run on: who writes the file later must not be able to lift them unseen.
    if (wanted.limits.length > 0 && !isEmpty(widened(wanted, accepted ?? NO_REACH))) {
      await rememberReach(host, file.path, { grants: accepted?.grants ?? [], limits: wanted.limits }).catch(() => {});
    }
    return;
  }
  const widens = describeWidened(more);
  if (await ask?.({ path: file.path, widens, before: accepted !== undefined })) {
    return await rememberReach(host, file.path, wanted);
  }
  throw new SiloError(`could not use ${file.path}: what it opens to the sandbox has not been accepted`, {
    details: widens.map((line) => `- the sandbox ${line}`).join("\n"),
    hint: "If that is what you want: silo trust",
  });
}

/** What a file opens that has not been accepted yet. */
export async function pendingWidenings(host: Host, path: string, config: ConfigFile): Promise<Reach> {
  return widened(await acceptedReach(host, path) ?? NO_REACH, reachOf(config));
}

/** Accepts all that a file opens. */
export async function acceptFile(host: Host, path: string, config: ConfigFile): Promise<void> {
  await rememberReach(host, path, reachOf(config));
}

/** Accepts what a person's own edit added, and nothing that waited for consent before. */
export async function acceptEdit(host: Host, path: string, before: ConfigFile, after: ConfigFile): Promise<void> {
  const accepted = await acceptedReach(host, path) ?? NO_REACH;
  const pending = widened(accepted, reachOf(before));
  const wanted = reachOf(after);
  const waits = (item: Item, list: readonly Item[]) => list.some((it) => JSON.stringify(it) === JSON.stringify(item));
  await rememberReach(host, path, {
    grants: wanted.grants.filter((grant) => !waits(grant, pending.grants)),
    limits: [...wanted.limits, ...pending.limits],
  });
}

export async function acceptedReach(host: Host, path: string): Promise<Reach | undefined> {
  const text = await new Remembered(host, "trusted").read(path);
  return text === undefined ? undefined : parseReach(text);
}

async function rememberReach(host: Host, path: string, reach: Reach): Promise<void> {
  await new Remembered(host, "trusted").remember(path, JSON.stringify(reach));
}

/** Undefined for what an older silo wrote: then it is asked again. */
function parseReach(text: string): Reach | undefined {
  try {
    const { grants, limits } = JSON.parse(text);
    return Array.isArray(grants) && Array.isArray(limits) ? { grants, limits } : undefined;
  } catch {
    return undefined;
  }
}
