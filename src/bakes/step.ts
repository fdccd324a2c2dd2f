/**
 * The steps of a build and what they are known by. Pure.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { MergedSettings } from "../config/config.ts";

/** One step with everything that decides what it does. */
export interface Step {
  /** For the sandbox's shell, or a script that names its own interpreter. */
  readonly run: string;
  /** For people: one line. */
  readonly label: string;
  /** Files that it finds in its working directory. */
  readonly inputs: readonly Input[];
}

export interface Input {
  /** Relative to the working directory, without `..`. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A step and the settings that hold for it. Steps of one file have the same object. */
export interface PlacedStep {
  readonly step: Step;
  readonly settings: MergedSettings;
  /** The network that files add to the definition's, in whatever form: compared, not read. */
  readonly network: unknown;
}

/** Goes up when builds are made in another way: what was made before is made anew. */
const FORMAT = "silo build 1";

/**
 * What the root file system is known by after each step: hexadecimal SHA-256, each of the one before it and of
 * everything that decides what the step does. Nothing of the place or the time is in it, so that projects with the same
 * recipe share what it makes, and a project that moves keeps it.
 *
 * @param base what the root file system below is known by.
 */
export function stepKeys(base: string, steps: readonly PlacedStep[]): string[] {
  const keys: string[] = [];
  for (const { step, settings, network } of steps) {
    const inputs = step.inputs.map(({ path, bytes }) => [path, createHash("sha256").update(bytes).digest("hex")]);
    const env = Object.entries(settings.env).sort(([a], [b]) => a < b ? -1 : 1);
    const text = JSON.stringify([FORMAT, keys.at(-1) ?? base, step.run, inputs, env, network ?? null]);
    keys.push(createHash("sha256").update(text).digest("hex"));
  }
  return keys;
}

/** What well-known commands read without naming it. */
const READ_BY: readonly { readonly command: RegExp; readonly files: readonly string[] }[] = [
  { command: /\bnpm (install|i|ci)\b/, files: ["package.json", "package-lock.json", ".npmrc"] },
  { command: /\bpnpm (install|i)\b/, files: ["package.json", "pnpm-lock.yaml", ".npmrc"] },
  { command: /\byarn( install)?\b/, files: ["package.json", "yarn.lock", ".yarnrc.yml"] },
  { command: /\b(poetry install|uv sync|pip3? install \.)/, files: ["pyproject.toml", "poetry.lock", "uv.lock"] },
  { command: /\bbundle install\b/, files: ["Gemfile", "Gemfile.lock"] },
  { command: /\bcargo (build|fetch)\b/, files: ["Cargo.toml", "Cargo.lock"] },
  { command: /\bgo mod download\b/, files: ["go.mod", "go.sum"] },
  { command: /\bcomposer install\b/, files: ["composer.json", "composer.lock"] },
];

/**
 * Files of the project that a command reads: those it names, and those that are known of its program.
 *
 * @param isFile whether there is such a file in the project.
 */
export function inputsNamedBy(run: string, isFile: (path: string) => boolean): string[] {
  const words = run.split(/[\s;&|<>()'"=]+/).map((word) => word.replace(/^\.\//, ""));
  const known = READ_BY.filter(({ command }) => command.test(run)).flatMap(({ files }) => files);
  const candidates = [...words, ...known].filter(isPlainPath);
  return [...new Set(candidates)].filter(isFile);
}

/** Whether a path is relative and stays where it begins. */
export function isPlainPath(path: string): boolean {
  return path !== "" && !path.startsWith("/") && !path.startsWith("-") && !path.includes("\0") &&
    !path.split("/").some((part) => part === "" || part === "." || part === "..");
}
