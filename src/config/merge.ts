/**
 * Many layers in one.
 *
 * @module
 */
import type { MergedSettings, Settings } from "./config.ts";
import { fieldOf, FIELDS, type MergeRule } from "./fields.ts";

/** Merges layers, the strongest last, each field by its rule in {@link FIELDS}. */
export function mergeSettings(layers: readonly Settings[]): MergedSettings {
  const merged: Record<string, unknown> = {
    env: {},
    passEnv: [],
    passFiles: [],
    mounts: [],
    mount: {},
    resources: {},
    network: {},
    ports: [],
    secrets: {},
    pre_run_hooks: [],
    post_build_hooks: [],
  };
  for (const [field, rule] of Object.entries(FIELDS)) {
    const values = layers.map((layer) => fieldOf(layer, field)).filter((value) => value !== undefined);
    if (values.length > 0) put(merged, field.split("."), mergeValues(rule, values));
  }
  return merged as unknown as MergedSettings;
}

/** Merges the values of one field, the strongest last. */
export function mergeValues(rule: MergeRule, values: readonly unknown[]): unknown {
  switch (rule) {
    case "replace":
      return values.at(-1);
    case "append":
      return (values as unknown[][]).flat();
    case "unite":
      return [...new Map(values.flat().map((item) => [JSON.stringify(item), item])).values()];
    case "by target": {
      const all = (values as { target: string }[][]).flat();
      return [...new Map(all.map((item) => [item.target, item])).values()];
    }
    case "by name": {
      const table: Record<string, unknown> = {};
      // Not Object.assign: a variable may be called __proto__.
      for (const [name, value] of values.flatMap((value) => Object.entries(value as object))) {
        Object.defineProperty(table, name, { value, enumerable: true, configurable: true, writable: true });
      }
      return table;
    }
  }
}

function put(target: Record<string, unknown>, [key, ...rest]: string[], value: unknown): void {
  if (rest.length === 0) target[key!] = value;
  else put((target[key!] ??= {}) as Record<string, unknown>, rest, value);
}
