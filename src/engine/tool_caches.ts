/**
 * The caches that a run of a tool gets: made where they are missing, marked as in use, seen at one place in the sandbox.
 *
 * @module
 */
import { useFile } from "../cache/in_use.ts";
import { GUEST_CACHES, ownerDirectory, SHARED } from "../cache/tool_caches.ts";
import type { Host } from "../host.ts";
import type { CacheDefinition } from "../tools/definition.ts";
import type { MountPlan } from "./run_plan.ts";

export interface RunCaches extends Disposable {
  readonly mounts: readonly MountPlan[];
  /** Tells the tool where they are. */
  readonly env: Readonly<Record<string, string>>;
  /** Directories of programs that the tool has installed there. */
  readonly path: readonly string[];
}

/**
 * Makes a run's caches ready.
 *
 * @param project the project's key; null: only what the tool keeps for itself.
 * @throws what the system says if the silo home cannot be written.
 */
export function prepareCaches(
  host: Pick<Host, "siloHome">,
  tool: string,
  caches: readonly CacheDefinition[],
  project: string | null,
): RunCaches {
  const mounts: MountPlan[] = [];
  const env: Record<string, string> = {};
  const programsPath: string[] = [];
  const marks: Disposable[] = [];
  for (const [scope, owner] of [["project", project], ["tool", SHARED]] as const) {
    const own = owner === null ? [] : caches.filter((cache) => cache.scope === scope);
    if (own.length === 0) continue;
    const { path, lock } = ownerDirectory(host, tool, owner!);
    for (const { name, variable, programs } of own) {
      makeDirectory(path, name);
      const place = `${GUEST_CACHES}/${scope}/${name}`;
      env[variable] = place;
      if (programs !== undefined) programsPath.push(`${place}/${programs}`);
    }
    Deno.openSync(lock, { create: true, write: true, mode: 0o600 }).close();
    marks.push(useFile(lock));
    mounts.push({ tag: `cache-${scope}`, hostPath: path, guestPath: `${GUEST_CACHES}/${scope}`, readOnly: false });
  }
  return { mounts, env, path: programsPath, [Symbol.dispose]: () => marks.forEach((mark) => mark[Symbol.dispose]()) };
}

/** What is in the directory belongs to sandboxes: whatever one put in the place of a cache, it harms itself alone. */
function makeDirectory(path: string, name: string): void {
  Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  try {
    Deno.mkdirSync(`${path}/${name}`, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
