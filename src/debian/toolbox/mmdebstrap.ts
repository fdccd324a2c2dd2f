/**
 * Finding or getting mmdebstrap, and choosing how it becomes root inside its directory.
 *
 * @module
 */
import type { Host } from "../../host.ts";
import { SiloError } from "../../errors.ts";
import { ensurePrefix, type PrefixRecipe } from "../prefix.ts";
import { type Progress, silent } from "../progress.ts";
import { findProgram } from "../run_command.ts";
import { aptLine, canInstall, installPackages } from "./install.ts";

/** A Perl script without dependencies beyond Perl and apt, so its own package is all it takes. */
const RECIPE: PrefixRecipe = {
  name: "mmdebstrap",
  suite: "bookworm",
  packages: ["mmdebstrap"],
  revision: 1,
  alone: true,
};
const PACKAGES = ["mmdebstrap", "uidmap", "fakeroot", "fakechroot"];

export type MmdebstrapMode = "root" | "unshare" | "fakechroot";

/** What the choice of the mode depends on. */
export interface MmdebstrapFacts {
  readonly uid: number;
  /** newuidmap and newgidmap are installed, and /etc/subuid and /etc/subgid have a range for the user. */
  readonly hasSubordinateIds: boolean;
  /** The kernel lets ordinary users make user namespaces. */
  readonly hasUserNamespaces: boolean;
  readonly hasFakechroot: boolean;
  /** Debian release of the host, as in "bookworm"; undefined elsewhere. */
  readonly hostSuite: string | undefined;
}

/**
 * Chooses the mode. fakechroot runs the host's programs against the new suite's libraries, so it serves only the
 * host's own suite.
 */
export function chooseMode(facts: MmdebstrapFacts, suite: string): MmdebstrapMode | undefined {
  if (facts.uid === 0) return "root";
  if (facts.hasSubordinateIds && facts.hasUserNamespaces) return "unshare";
  return facts.hasFakechroot && facts.hostSuite === suite ? "fakechroot" : undefined;
}

/** The command prefix of mmdebstrap, with the mode that works here for `suite`. */
export async function ensureMmdebstrap(host: Host, suite: string, progress: Progress = silent): Promise<string[]> {
  let facts = await gatherFacts(host);
  if (await canInstall(host) && await findProgram(host, "mmdebstrap") === undefined) {
    await installPackages(host, PACKAGES, progress);
    facts = await gatherFacts(host);
  }
  const mode = chooseMode(facts, suite);
  if (mode === undefined) {
    throw new SiloError(`could not build a Debian image: ${whyNot(facts)}`, { hint: hint(facts) });
  }
  const command = await findProgram(host, "mmdebstrap");
  if (command !== undefined) return [command, `--mode=${mode}`];
  const prefix = await ensurePrefix(host, RECIPE, progress);
  return ["perl", `${prefix}/usr/bin/mmdebstrap`, `--mode=${mode}`];
}

function whyNot(facts: MmdebstrapFacts): string {
  if (!facts.hasUserNamespaces) return "this kernel lets ordinary users make no user namespaces";
  return "it needs a range of subordinate user ids, and newuidmap to use it";
}

function hint(facts: MmdebstrapFacts): string {
  if (!facts.hasUserNamespaces) {
    return "sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000";
  }
  const ids = "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER   # if it has none";
  return `${aptLine(PACKAGES)}\n${ids}`;
}

async function gatherFacts(host: Host): Promise<MmdebstrapFacts> {
  const has = async (name: string) => await findProgram(host, name) !== undefined;
  const user = host.env.USER ?? host.env.LOGNAME ?? await userName(host.uid);
  return {
    uid: host.uid,
    hasSubordinateIds: await has("newuidmap") && await has("newgidmap") &&
      await hasRange("/etc/subuid", user, host.uid) && await hasRange("/etc/subgid", user, host.uid),
    hasUserNamespaces: await number("/proc/sys/kernel/unprivileged_userns_clone", 1) > 0 &&
      await number("/proc/sys/user/max_user_namespaces", 0) > 0,
    hasFakechroot: await has("fakechroot") && await has("fakeroot"),
    hostSuite: (await text("/etc/os-release")).match(/^VERSION_CODENAME="?([a-z]+)/m)?.[1],
  };
}

async function hasRange(path: string, user: string | undefined, uid: number): Promise<boolean> {
  return (await text(path)).split("\n").some((line) => {
    const [name, , count] = line.split(":");
    return (name === user || name === String(uid)) && Number(count) >= 65536;
  });
}

async function userName(uid: number): Promise<string | undefined> {
  return (await text("/etc/passwd")).split("\n").map((line) => line.split(":")).find((f) => f[2] === String(uid))?.[0];
}

async function number(path: string, missing: number): Promise<number> {
  return Number((await text(path)).trim() || missing);
}

async function text(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(() => "");
}
