/**
 * Which layer each value of the merged settings comes from, for `silo config show`. Pure.
 *
 * @module
 */
import { anchored, type ConfigFile, type ToolSettings } from "./config.ts";
import { fieldOf, FIELDS, type MergeRule } from "./fields.ts";
import { mergeValues } from "./merge.ts";
import { tomlKeys, tomlValue } from "./toml_text.ts";

/** One value: of a list one of its items, of a table of names one of its members. */
export interface Provenance {
  /** The full key: `env.DEBUG`, `network.allow`. */
  readonly key: string;
  readonly value: unknown;
  readonly origin: string;
}

export interface NamedLayer {
  readonly origin: string;
  readonly settings: ToolSettings;
}

/** A file, with the directory that its paths are relative to. */
export interface NamedFile {
  readonly origin: string;
  readonly config: ConfigFile;
  readonly directory: string;
}

/** What only a tool's own table has, after what all can have. */
const SHOWN = { ...FIELDS, "version": "replace", "post_install": "append" } as const satisfies Record<
  string,
  MergeRule
>;

/** All values of all fields, in the order of the documentation. Layers: the weakest first. */
export function provenanceOf(layers: readonly NamedLayer[]): Provenance[] {
  return Object.entries(SHOWN).flatMap(([field, rule]) => {
    const values = layers.flatMap(({ origin, settings }) => {
      const value = fieldOf(settings, field);
      return value === undefined ? [] : [{ origin, value }];
    });
    return values.length === 0 ? [] : ofField(field, rule, values);
  });
}

/**
 * What files say for all tools, then for single ones: `tools.node.ports`. A tool that is named and no more is
 * `tools.node = {}`.
 */
export function provenanceOfFiles(files: readonly NamedFile[], home: string): Provenance[] {
  const first = files.findLast(({ config }) => config.tool !== undefined);
  const names = new Set(files.flatMap(({ config }) => Object.keys(config.tools ?? {})));
  const layer = ({ origin, directory }: NamedFile, settings: ToolSettings) => ({
    origin,
    settings: anchored(settings, directory, home),
  });
  return [
    ...first === undefined ? [] : [{ key: "tool", value: first.config.tool, origin: first.origin }],
    ...provenanceOf(files.map((file) => layer(file, file.config))),
    ...[...names].flatMap((name): Provenance[] => {
      const layers = files.flatMap((file) => {
        const { tools = {} } = file.config;
        return Object.hasOwn(tools, name) ? [layer(file, tools[name]!)] : [];
      });
      const key = `tools.${tomlKeys([name])}`;
      const values = provenanceOf(layers).map((it) => ({ ...it, key: `${key}.${it.key}` }));
      return values.length > 0 ? values : [{ key, value: {}, origin: layers.at(-1)!.origin }];
    }),
  ];
}

function ofField(field: string, rule: MergeRule, values: { origin: string; value: unknown }[]): Provenance[] {
  const merged = mergeValues(rule, values.map(({ value }) => value));
  if (rule === "replace") return [{ key: field, value: merged, origin: values.at(-1)!.origin }];
  if (rule === "by name") {
    return Object.entries(merged as object).map(([name, value]) => ({
      key: `${field}.${tomlKeys([name])}`,
      value,
      origin: values.findLast((it) => Object.hasOwn(it.value as object, name))!.origin,
    }));
  }
  const items = values.flatMap(({ origin, value }) => [value].flat().map((item) => ({ origin, item })));
  if (rule === "append") return items.map(({ origin, item }) => ({ key: field, value: item, origin }));
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return (merged as unknown[]).map((item) => {
    const has = (it: { item: unknown }) => same(it.item, item);
    // What unites is the first one's who said it; of mounts the last one counts.
    const from = rule === "unite" ? items.find(has) : items.findLast(has);
    return { key: field, value: item, origin: from!.origin };
  });
}

/** The values as TOML, each with its origin beside it, or over it where the line would be longer than `columns`. */
export function renderProvenance(values: readonly Provenance[], columns = Infinity): string {
  const rows: [string, string][] = [];
  for (let i = 0; i < values.length;) {
    const { key } = values[i]!;
    const rule = SHOWN[key.replace(/^tools\.(?:"[^"]*"|[^.]+)\./, "") as keyof typeof SHOWN];
    if (rule === undefined || rule === "replace") {
      rows.push([`${key} = ${tomlValue(values[i]!.value)}`, values[i]!.origin]);
      i++;
      continue;
    }
    rows.push([`${key} = [`, ""]);
    for (; values[i]?.key === key; i++) rows.push([`  ${tomlValue(values[i]!.value)},`, values[i]!.origin]);
    rows.push(["]", ""]);
  }
  const beside = rows.filter(([text, origin]) => origin && text.length + origin.length + 4 <= columns);
  const room = columns - 4 - Math.max(0, ...beside.map(([, origin]) => origin.length));
  const width = Math.min(60, room, Math.max(0, ...beside.map(([text]) => text.length)));
  return rows.map(([text, origin]) => {
    if (!origin) return `${text}\n`;
    const line = `${text.padEnd(width)}  # ${origin}`;
    return line.length <= columns ? `${line}\n` : `${/^ */.exec(text)![0]}# ${origin}\n${text}\n`;
  }).join("");
}
