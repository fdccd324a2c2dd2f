/**
 * Every key of the settings and how a later layer changes it: what {@link import("./merge.ts").mergeSettings} goes by,
 * and what docs/configuration.md is held against.
 *
 * @module
 */

export type MergeRule =
  /** The later value stands alone. */
  | "replace"
  /** A list: all values of all layers, each once. A single word counts as a list of it. */
  | "unite"
  /** A list: the later layer's values after the earlier ones'. */
  | "append"
  /** A table of names: each name is replaced by itself. */
  | "by name"
  /** A list of tables, of which the later one with the same `target` stands. */
  | "by target";

/** Full keys, in the order in which they are documented. */
export const FIELDS = {
  "env": "by name",
  "passEnv": "unite",
  "passFiles": "by target",
  "mounts": "by target",
  "mount.mode": "replace",
  "mount.readonly": "replace",
  "mount.exclude": "unite",
  "resources.cpus": "replace",
  "resources.memoryMB": "replace",
  "resources.rootfsSizeMB": "replace",
  "resources.processes": "replace",
  "resources.timeoutSeconds": "replace",
  "network.allow": "unite",
  "network.installAllow": "unite",
  "network.deny": "unite",
  "network.hostPorts": "unite",
  "network.hostAccess": "replace",
  "network.hostCertificates": "replace",
  "ports": "unite",
  "passSshAgent": "replace",
  "secrets": "by name",
  "venv": "replace",
  "gitIdentity": "replace",
  "gitWorktree": "replace",
  "pre_run_hooks": "append",
  "post_build_hooks": "append",
} as const satisfies Record<string, MergeRule>;

export type Field = keyof typeof FIELDS;

/** The value of a field in a layer; undefined if the layer does not have it. */
export function fieldOf(settings: object, field: string): unknown {
  let value: unknown = settings;
  for (const key of field.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
