/**
 * The schema of a file of the registry: every key, for errors with file, line and key. A run does without it; installing
 * and the tests check with it. `parse_definition.ts` is the quick check.
 *
 * @module
 */
import { parse } from "smol-toml";
import { z } from "zod";
import { explainMistakes, explainSyntax } from "../config/explain.ts";
import { mistakesAgainst, port, settings, step, text, variable } from "../config/schema.ts";
import { parseShim, TOOL_NAME } from "./definition.ts";

const name = z.string().regex(TOOL_NAME, "a name of small letters, digits, and . _ -");
const shims = z.array(
  z.string().refine((value) => parseShim(value) !== undefined, "expected NAME or NAME:COMMAND"),
).min(1);
const version = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/, "a version");
const steps = z.array(text.min(1));
const words = z.array(text.min(1)).min(1);

export const DefinitionSchema = z.strictObject({
  description: text.min(1).max(60),
  shims,
  versions: z.array(version).optional(),
  requires: z.array(name).optional(),
  warm: z.array(z.string().min(1)).optional(),
  ports: z.array(port).optional(),
  post_install: steps.optional(),
  env: settings.env,
  passEnv: settings.passEnv,
  network: settings.network,
  resources: settings.resources,
  image: z.strictObject({
    repository: text.min(1),
    version,
    tag: z.string().regex(/^(?:\w|\{version\})(?:[\w.-]|\{version\})*$/, "a tag, {version} standing for the version")
      .optional(),
    versionVariable: variable.optional(),
  }).optional(),
  debian: z.strictObject({
    suite: text.min(1),
    packages: words,
    versionFrom: text.min(1).optional(),
    shims: shims.optional(),
    post_install: z.array(step).optional(),
  }).optional(),
  caches: z.array(z.strictObject({
    name,
    variable,
    noGC: z.boolean().optional(),
    scope: z.enum(["project", "tool"]).optional(),
    programs: name.optional(),
  })).optional(),
  lsp: z.strictObject({
    command: words,
    install: steps.optional(),
    languages: words.optional(),
    files: words.optional(),
  }).optional(),
  agent: z.strictObject({ command: name, autoApprove: z.array(text.min(1)).optional() }).optional(),
});

/**
 * Checks the text of a file of the registry.
 *
 * @throws {import("../errors.ts").SiloError} that names every mistake with file, line, column and key.
 */
export function checkDefinition(file: string, content: string): void {
  let value: unknown;
  try {
    value = parse(content);
  } catch (error) {
    throw explainSyntax(file, error as Error);
  }
  const mistakes = mistakesAgainst(DefinitionSchema, value);
  if (mistakes.length > 0) throw explainMistakes(file, content, mistakes);
}
