/**
 * The schema of `silo.toml`. What it accepts is exactly {@link import("./config.ts").ConfigFile}: it checks and changes
 * nothing, so a file that was found good once can be used later without loading zod.
 *
 * @module
 */
import { z } from "zod";

export const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a name of letters, digits and _");
export const text = z.string().refine((value) => !value.includes("\0"), "text without NUL characters");
/** Neither absolute nor with `.`, `..` or nothing between slashes. */
const inside = /^(?!\.{0,2}(?:\/|$))[^/\0]+(?:\/(?!\.{0,2}(?:\/|$))[^/\0]+)*\/?$/;
const target = z.string().regex(/^\//, "an absolute path in the sandbox");

export const port = z.int().min(1).max(65_535);
const host = text.min(1);
const rule = z.union([
  host,
  z.strictObject({ host, private: z.boolean().optional(), allowNoSni: z.boolean().optional() }),
], 'expected a host, or a table with one: { host = "…", private = true }');

const network = z.strictObject({
  allow: z.array(rule).optional(),
  installAllow: z.array(rule).optional(),
  deny: z.array(host).optional(),
  hostPorts: z.array(port).optional(),
  hostAccess: z.boolean().optional(),
  hostCertificates: z.boolean().optional(),
});

const forward = z.union([
  port,
  z.literal("auto"),
  z.string().regex(/^(?:(?:[\d.]+|\[[\da-fA-F:]+\]):)?\d{1,5}(?::\d{1,5})?$/),
], 'expected a port, as 5173 or "8080:80" (host:sandbox)');

const secret = z.strictObject({
  from: z.string().regex(/^(?:env|file):./, "env:NAME or file:PATH"),
  hosts: z.array(host).min(1),
});

export const settings = {
  env: z.record(variable, text).optional(),
  passEnv: z.array(variable).optional(),
  mounts: z.array(
    z.strictObject({ source: text.min(1), target, readOnly: z.boolean().optional() }),
  ).optional(),
  passFiles: z.array(z.union([
    z.string().regex(/^(?:~\/|\/)./),
    z.strictObject({ source: text.min(1), target: z.string().regex(/^(?:~\/|\/)./) }),
  ], 'expected a path that begins with ~/ or /, or { source = "…", target = "…" }')).optional(),
  mount: z.strictObject({
    mode: z.enum(["workspace", "same-path"]).optional(),
    readonly: z.boolean().optional(),
    exclude: z.array(z.string().regex(inside, "a directory of the project, relative to it")).optional(),
  }).optional(),
  resources: z.strictObject({
    cpus: z.int().min(1).max(64).optional(),
    memoryMB: z.int().min(256).max(1_048_576).optional(),
    rootfsSizeMB: z.int().min(64).max(1_048_576).optional(),
    processes: z.int().min(16).max(4_000_000).optional(),
    timeoutSeconds: z.number().positive().max(31_536_000).optional(),
  }).optional(),
  network: network.optional(),
  ports: z.union([z.literal("auto"), z.array(forward)], 'expected a list of ports, or "auto"').optional(),
  passSshAgent: z.union([
    z.boolean(),
    z.array(z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/)),
  ], "expected true, false, or a list of fingerprints (SHA256:…, as ssh-add -l prints them)").optional(),
  secrets: z.record(variable, secret).optional(),
  venv: z.boolean().optional(),
  gitIdentity: z.boolean().optional(),
  gitWorktree: z.boolean().optional(),
  pre_run_hooks: z.array(text.min(1)).optional(),
  post_build_hooks: z.array(text.min(1)).optional(),
};

const inputs = z.array(text.min(1)).optional();
export const step = z.union([
  text.min(1),
  z.strictObject({ run: text.min(1), inputs }),
  z.strictObject({ script: text.min(1), inputs }),
], { error: "expected a command, { run = … } or { script = … }" });
const toolSettings = {
  version: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/, "a version").optional(),
  ...settings,
  post_install: z.array(step).optional(),
};

const toolName = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, "the name of a tool");

export const ConfigSchema = z.strictObject({
  ...settings,
  tool: toolName.optional(),
  tools: z.record(toolName, z.strictObject(toolSettings)).optional(),
});

const sizeMB = z.int().min(0).optional();
const ageDays = z.int().min(0).optional();

export const UserConfigSchema = ConfigSchema.extend({
  cache: z.strictObject({
    rootfs: z.strictObject({ maxSizeMB: sizeMB, maxAgeDays: ageDays }).optional(),
    tools: z.strictObject({
      maxSizeMB: sizeMB,
      maxAgeDays: ageDays,
      perMount: z.record(z.string().regex(/^[^/]+\/[^/]+$/, "TOOL/NAME"), z.int().min(0)).optional(),
    }).optional(),
  }).optional(),
  registries: z.strictObject({
    mirrors: z.record(z.string(), z.array(text.min(1))).optional(),
    plainHttp: z.array(text.min(1)).optional(),
  }).optional(),
  repos: z.record(
    z.string().regex(/^[^\s/]+(?:\/[^\s/]+)*\/?$/, "the beginning of a git remote: github.com/org"),
    ConfigSchema,
  )
    .optional(),
});

/** A mistake in a file: where (keys and indices), what, and which keys would have been right if one was unknown. */
export interface Mistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly knownKeys: readonly string[];
}

/** Checks a parsed file. An empty list means that it is a `UserConfigFile` or a `ConfigFile`. */
export function mistakesIn(value: unknown, kind: "user" | "project"): Mistake[] {
  return mistakesAgainst(kind === "user" ? UserConfigSchema : ConfigSchema, value);
}

/** The mistakes of a parsed file of any kind. */
export function mistakesAgainst(schema: z.ZodType, value: unknown): Mistake[] {
  const result = schema.safeParse(value, { error: (issue) => wording(issue) });
  if (result.success) return [];
  return result.error.issues.flatMap((issue): Mistake[] => {
    const path = issue.path.map((part) => typeof part === "number" ? part : String(part));
    if (issue.code === "unrecognized_keys") {
      const knownKeys = keysAt(path, schema);
      return issue.keys.map((key): Mistake => {
        if (["registries", "repos", "cache"].includes(key) && path.length === 0) {
          return { path: [key], message: "only your own silo.toml in the silo home may have it", knownKeys: [] };
        }
        return { path: [...path, key], message: `unknown key "${key}"`, knownKeys };
      });
    }
    if (issue.code === "invalid_key") {
      return [{ path, message: issue.issues[0]?.message ?? issue.message, knownKeys: [] }];
    }
    return [{ path, message: issue.message, knownKeys: [] }];
  });
}

type Issue = Parameters<z.core.$ZodErrorMap>[0];

function wording(issue: Issue): string | undefined {
  const names: Record<string, string> = {
    int: "a whole number",
    record: "a table",
    object: "a table",
    array: "a list",
  };
  const named = (type: string) => names[type] ?? (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
  if (issue.code === "invalid_type") {
    return issue.input === undefined ? `it is missing (${named(issue.expected)})` : `expected ${named(issue.expected)}`;
  }
  if (issue.code === "too_small") return `expected at least ${issue.minimum}${unit(issue.origin)}`;
  if (issue.code === "too_big") return `expected at most ${issue.maximum}${unit(issue.origin)}`;
  if (issue.code === "invalid_value") return `expected ${issue.values.map((it) => JSON.stringify(it)).join(" or ")}`;
  return undefined;
}

function unit(origin: string): string {
  return origin === "string" ? " character" : "";
}

/** The keys that a table may have, read off the schema itself. */
function keysAt(path: readonly (string | number)[], schema: z.core.$ZodType): readonly string[] {
  let node: z.core.$ZodType | undefined = schema;
  for (const part of path) node = childOf(node, part);
  const table = node && tableOf(node);
  return table instanceof z.ZodObject ? Object.keys(table.shape) : [];
}

function childOf(node: z.core.$ZodType | undefined, part: string | number): z.core.$ZodType | undefined {
  const table = node && tableOf(node);
  if (table instanceof z.ZodObject) return table.shape[part];
  if (table instanceof z.ZodArray) return table.element;
  return table instanceof z.ZodRecord ? table.valueType : undefined;
}

/** The type itself, without what may be absent; of several the one with keys or items. */
function tableOf(node: z.core.$ZodType): z.core.$ZodType {
  if (node instanceof z.ZodOptional) return tableOf(node.unwrap());
  if (!(node instanceof z.ZodUnion)) return node;
  const all = node.options.map(tableOf);
  return all.find((it) => it instanceof z.ZodObject || it instanceof z.ZodArray) ?? all[0]!;
}
