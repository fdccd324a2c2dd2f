/**
 * Consent. The sandboxed tool can write the project's `silo.toml`, so what the file opens counts only as far as a person
 * on the host has accepted it. Remembered is what was accepted, not the file: what is narrower never asks.
 *
 * @module
 */
import { printable, SiloError } from "../errors.ts";
import type { StepPrograms } from "../bakes/step_programs.ts";
import type { Host } from "../host.ts";
import type { ConfigFile } from "./config.ts";
import type { Claim } from "./layers.ts";
import { readReach } from "./contents.ts";
import { describeWidened, isEmpty, type Item, NO_REACH, type Reach, widened } from "./reach.ts";
import { Remembered } from "./remembered.ts";

/** Asks the person; only called where there is one. `before`: whether something was accepted already. */
export type AskTrust = (question: { path: string; widens: readonly string[]; before: boolean }) => Promise<boolean>;

/**
 * Lets a claim pass if it is no wider than what was accepted, or is accepted now.
 *
 * @param ask undefined where nobody can be asked.
 * @throws {SiloError} if it is not accepted.
 */
export async function requireTrust(host: Host, claim: Claim, ask: AskTrust | undefined): Promise<void> {
  const { key, shown, reach } = claim;
  const accepted = await acceptedReach(host, key);
  const more = widened(accepted ?? NO_REACH, reach);
  if (isEmpty(more)) {
    // Limits count from the first run on: who writes the file later must not be able to lift them unseen.
    if (reach.limits.length > 0 && !isEmpty(widened(reach, accepted ?? NO_REACH))) {
      await rememberReach(host, key, { grants: accepted?.grants ?? [], limits: reach.limits }).catch(() => {});
    }
    return;
  }
  const widens = describeWidened(more, accepted);
  if (await ask?.({ path: shown, widens, before: accepted !== undefined })) {
    return await rememberReach(host, key, reach);
  }
  throw new SiloError(`could not use ${printable(shown)}: what it opens to the sandbox has not been accepted`, {
    details: widens.map((line) => `- the sandbox ${line}`).join("\n"),
    hint: "If that is what you want: silo trust",
  });
}

/** What a claim opens that has not been accepted yet. */
export async function pendingReach(host: Host, { key, reach }: Claim): Promise<Reach> {
  return widened(await acceptedReach(host, key) ?? NO_REACH, reach);
}

/** Accepts a claim as it is. */
export async function accept(host: Host, { key, reach }: Claim): Promise<void> {
  await rememberReach(host, key, reach);
}

/**
 * Accepts what a person's own edit added, and nothing that waited for consent before.
 *
 * @param seen what the steps run as the person knew it: what is on the disk by now may be a sandbox's. Absent: as it is.
 */
export async function acceptEdit(
  host: Host,
  path: string,
  before: ConfigFile,
  after: ConfigFile,
  seen?: StepPrograms,
): Promise<void> {
  const accepted = await acceptedReach(host, path) ?? NO_REACH;
  const directory = directoryOf(path);
  // Read once: what is compared and what is accepted are the same bytes.
  const { reach: wanted, programs } = await readReach(after, directory, seen);
  const pending = widened(accepted, (await readReach(before, directory, programs)).reach);
  const waits = (item: Item, list: readonly Item[]) => list.some((it) => JSON.stringify(it) === JSON.stringify(item));
  await rememberReach(host, path, {
    grants: wanted.grants.filter((grant) => !waits(grant, pending.grants)),
    limits: [...wanted.limits, ...pending.limits],
  });
}

/** Accepts of a file that was made from another what was accepted of that one: a sandbox may have written it. */
export async function acceptMoved(host: Host, from: string, to: string, config: ConfigFile): Promise<void> {
  const accepted = await acceptedReach(host, from);
  if (accepted === undefined) return;
  const { reach } = await readReach(config, directoryOf(to));
  const pending = widened(accepted, reach);
  await rememberReach(host, to, {
    grants: reach.grants.filter((grant) => !pending.grants.includes(grant)),
    limits: [...reach.limits, ...pending.limits],
  });
}

export async function acceptedReach(host: Host, key: string): Promise<Reach | undefined> {
  const text = await new Remembered(host, "trusted").read(key);
  return text === undefined ? undefined : parseReach(text);
}

/** The files of a directory and its parents that are remembered with limits. As quick however many others there are. */
export async function limitedParents(host: Host, directory: string): Promise<string[]> {
  const limited: string[] = [];
  for (let parent = directory === "/" ? "" : directory;; parent = parent.slice(0, parent.lastIndexOf("/"))) {
    const path = `${parent}/silo.toml`;
    if (((await acceptedReach(host, path))?.limits.length ?? 0) > 0) limited.push(path);
    if (parent === "") return limited;
  }
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

async function rememberReach(host: Host, key: string, reach: Reach): Promise<void> {
  await new Remembered(host, "trusted").remember(key, JSON.stringify(reach));
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
