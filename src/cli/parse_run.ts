/**
 * The command line of a run: `silo run [flags] TOOL [args…]`, `silo shell [flags] TOOL [args…]`, `silo TOOL [args…]`.
 *
 * silo's own flags stand before the tool; whatever follows the tool is the tool's, byte for byte. Only one `--` right
 * after the tool is dropped. A strict parser of its own, since this is the path where milliseconds count.
 *
 * @module
 */
import type { MountSetting, Settings } from "../config/config.ts";
import { parseForward } from "../engine/ports/plan_ports.ts";
import { SiloError } from "../errors.ts";
import type { Verbosity } from "../host.ts";
import { nearest } from "../nearest.ts";
import type { NetworkMode } from "../network/policy/policy.ts";
import { GLOBAL_FLAGS } from "./global_flags.ts";

/** What a person asked to be run. */
export interface RunRequest {
  readonly kind: "run" | "shell";
  /** A tool's name, or one of its shims'. */
  readonly tool: string;
  /** Where in the parsed list the tool's own arguments begin. */
  readonly argsAt: number;
  /** Whether a `--` stood right after the tool: then no argument is taken for another command of the tool. */
  readonly separated: boolean;
  /** The arguments are a command line of their own, run in the tool's sandbox. */
  readonly exec: boolean;
  readonly settings: Settings;
  readonly user: "host" | "root";
  readonly workspace: boolean;
  readonly net: NetworkMode;
  readonly timing: boolean;
  /** Where a page that says what the run did goes. */
  readonly report?: string | undefined;
  /** A coding agent asks before its steps, as it does by itself. */
  readonly ask: boolean;
  /** How much silo says; undefined: as usual. */
  readonly verbosity?: Verbosity | undefined;
}

/** The flags of `run` and `shell`, for the parser and for `--help`. */
export const RUN_FLAGS = [
  { name: "--env", value: "NAME=VALUE", text: "set a variable in the sandbox (may be repeated)" },
  { name: "--pass-env", value: "NAME", text: "pass a variable of this environment on (may be repeated)" },
  { name: "--mount", value: "HOST:GUEST[:ro]", text: "show a directory of this machine (may be repeated)" },
  { name: "--cpus", value: "N", text: "number of processors" },
  { name: "--memory", value: "MIB", text: "memory in MiB (2048)" },
  { name: "--timeout", value: "SECONDS", text: "end the tool after this time; the exit code is then 124" },
  { name: "--read-only", text: "let the tool read the project, not change it" },
  { name: "--user", value: "host|root", text: "who runs the tool in the sandbox: you (host), or its root" },
  { name: "--net", value: "MODE", text: "none, default (what rules allow), learn (propose rules) or open" },
  { name: "--port", value: "[HOST:]PORT", text: "open a port of the sandbox on 127.0.0.1, or auto (may be repeated)" },
  { name: "--exec", text: "take what follows TOOL as a whole command line, run in its sandbox" },
  { name: "--no-workspace", text: "do not share the project directory" },
  { name: "--ask", text: "let a coding agent ask before its steps; without it the sandbox is what holds it" },
  { name: "--report", value: "FILE.html", text: "write a page that says what the run did: files, time, hosts" },
  { name: "--timing", text: "say on stderr where the time went" },
  ...GLOBAL_FLAGS,
] as const;
type FlagName = (typeof RUN_FLAGS)[number]["name"];

/**
 * Parses the words after `silo run` or `silo shell` (or, with `tool` as the first word, all words of `silo TOOL …`).
 *
 * @returns "help" if help was asked for.
 * @throws {SiloError} that names the wrong word.
 */
export function parseRun(kind: "run" | "shell", words: readonly string[]): RunRequest | "help" {
  const flags = new Flags();
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") {
      at++;
      break;
    }
    if (!word.startsWith("-") || word === "-") break;
    if (word === "--help" || word === "-h") return "help";
    at += flags.take(word, words[at + 1]);
  }
  const tool = words[at];
  if (tool === undefined || tool === "") {
    const doing = kind === "shell" ? "open a shell" : kind;
    throw new SiloError(`could not ${doing}: no tool is named`, { hint: `For example: silo ${kind} python` });
  }
  const ofRun = flags.exec ? "--exec" : flags.ask ? "--ask" : undefined;
  if (kind === "shell" && ofRun !== undefined) {
    throw new SiloError(`could not open a shell: ${ofRun} is a flag of \`silo run\``);
  }
  const separated = words[at + 1] === "--";
  const argsAt = at + (separated ? 2 : 1);
  if (flags.exec && words.length <= argsAt) {
    throw new SiloError("could not run: --exec needs a command after the tool", {
      hint: `For example: silo run --exec ${tool} ls -l`,
    });
  }
  return { kind, tool, argsAt, separated, ...flags.result() };
}

class Flags {
  exec = false;
  ask = false;
  #user: "host" | "root" = "host";
  #workspace = true;
  #net: NetworkMode = "default";
  readonly #ports: string[] = [];
  #timing = false;
  #report: string | undefined;
  #verbosity: Verbosity | undefined;
  #cpus: number | undefined;
  #memoryMB: number | undefined;
  #timeoutSeconds: number | undefined;
  #readOnly: boolean | undefined;
  readonly #env: Record<string, string> = {};
  readonly #passEnv: string[] = [];
  readonly #mounts: MountSetting[] = [];

  /** Takes one flag; returns how many further words it used. */
  take(word: string, next: string | undefined): 0 | 1 {
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const name = equals < 0 ? word : word.slice(0, equals);
    const flag = RUN_FLAGS.find((known) => known.name === name || ("short" in known && known.short === name));
    if (flag === undefined) throw unknownFlag(name);
    if (!("value" in flag)) {
      if (equals >= 0) throw new SiloError(`could not understand ${word}: ${name} takes no value`);
      this.#set(flag.name, "");
      return 0;
    }
    const value = equals < 0 ? next : word.slice(equals + 1);
    if (value === undefined) throw new SiloError(`could not understand ${name}: it needs a value, ${flag.value}`);
    this.#set(flag.name, value);
    return equals < 0 ? 1 : 0;
  }

  #set(name: FlagName, value: string): void {
    switch (name) {
      case "--env": {
        const [variable, ...rest] = value.split("=");
        if (rest.length === 0) {
          throw new SiloError(`could not understand --env ${value}: it has the form NAME=VALUE`, {
            hint: `To pass the variable of this environment on: --pass-env ${value}`,
          });
        }
        this.#env[variableName(name, variable!)] = rest.join("=");
        break;
      }
      case "--pass-env":
        this.#passEnv.push(variableName(name, value));
        break;
      case "--mount":
        this.#mounts.push(parseMount(value));
        break;
      case "--cpus":
        this.#cpus = wholeNumber(name, value, 1, 64);
        break;
      case "--memory":
        this.#memoryMB = wholeNumber(name, value, 256, 1_048_576);
        break;
      case "--timeout":
        this.#timeoutSeconds = wholeNumber(name, value, 1, 31_536_000);
        break;
      case "--read-only":
        this.#readOnly = true;
        break;
      case "--user":
        if (value !== "host" && value !== "root") {
          throw new SiloError(`could not understand --user ${value}: it is host or root`);
        }
        this.#user = value;
        break;
      case "--net":
        this.#net = networkMode(value);
        break;
      case "--port":
        if (value !== "auto") parseForward(value);
        this.#ports.push(value);
        break;
      case "--exec":
        this.exec = true;
        break;
      case "--no-workspace":
        this.#workspace = false;
        break;
      case "--ask":
        this.ask = true;
        break;
      case "--report":
        this.#report = value;
        break;
      case "--timing":
        this.#timing = true;
        break;
      case "--quiet":
        this.#verbosity = "quiet";
        break;
      case "--verbose":
        this.#verbosity = "verbose";
    }
  }

  result(): Omit<RunRequest, "kind" | "tool" | "argsAt" | "separated"> {
    return {
      exec: this.exec,
      settings: {
        env: this.#env,
        passEnv: this.#passEnv,
        mounts: this.#mounts,
        ports: this.#ports,
        mount: { readonly: this.#readOnly },
        resources: { cpus: this.#cpus, memoryMB: this.#memoryMB, timeoutSeconds: this.#timeoutSeconds },
      },
      user: this.#user,
      workspace: this.#workspace,
      net: this.#net,
      timing: this.#timing,
      ...(this.#report !== undefined && { report: this.#report }),
      ask: this.ask,
      ...(this.#verbosity !== undefined && { verbosity: this.#verbosity }),
    };
  }
}

/** `HOST:GUEST[:ro]`; the parts are split at the last colons, so that the host's path may contain some. */
export function parseMount(value: string): MountSetting {
  const match = /^(.+?):(\/[^:]*)(?::(ro|rw))?$/s.exec(value);
  if (match === null) {
    throw new SiloError(`could not understand --mount ${value}: it has the form HOST:GUEST or HOST:GUEST:ro`, {
      hint: "GUEST is an absolute path in the sandbox, for example --mount ../data:/data:ro",
    });
  }
  return { source: match[1]!, target: match[2]!, readOnly: match[3] === "ro" };
}

function variableName(flag: string, name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw new SiloError(`could not understand ${flag} ${name}: a variable's name has letters, digits and _ only`);
}

function networkMode(text: string): NetworkMode {
  const mode = (["none", "default", "learn", "open"] as const).find((known) => known === text);
  if (mode !== undefined) return mode;
  throw new SiloError(`could not understand --net ${text}: it is none, default, learn or open`);
}

/** @throws {SiloError} if the value is none, or out of bounds. */
export function wholeNumber(flag: string, value: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  throw new SiloError(`could not understand ${flag} ${value}: it is a whole number from ${least} to ${most}`);
}

function unknownFlag(name: string): SiloError {
  const guess = nearest(name, [...RUN_FLAGS.map((flag) => flag.name), "--help"]);
  return new SiloError(`could not understand ${name}: silo has no such flag here`, {
    hint: guess
      ? `Did you mean ${guess}? Flags for the tool itself stand after its name.`
      : "Flags for the tool itself stand after its name: silo run TOOL --flag. `silo run --help` lists silo's own.",
  });
}
