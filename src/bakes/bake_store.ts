/**
 * What was built: one root file system a recipe, named by what the recipe is known by, under `bakes/` of the silo home.
 *
 * @module
 */
import { RootfsCache, type RootfsEntry } from "../cache/rootfs_cache.ts";
import type { Host } from "../host.ts";

/** What is remembered of one, for people. */
export interface BakeFacts {
  readonly tool: string;
  /** The last steps, as the person wrote them; shortened. */
  readonly steps: readonly string[];
  /** ISO 8601, UTC. */
  readonly madeAt: string;
}

export function bakesOf(host: Host): RootfsCache {
  return new RootfsCache(`${host.siloHome}/bakes`);
}

/** The root file system of a recipe, by its key; undefined if it has not been made. */
export async function findBake(host: Host, key: string): Promise<RootfsEntry | undefined> {
  return await bakesOf(host).find(`sha256:${key}`);
}
