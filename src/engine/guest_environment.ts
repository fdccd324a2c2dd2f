/**
 * The environment of a program in the sandbox. Nothing of the host's is in it but what was declared, and how the
 * person's terminal wants to be spoken to.
 *
 * @module
 */
import type { Identity } from "../config/git.ts";
import { type ByteString, joinBytes, textOf } from "../helper/byte_string.ts";
import type { OwnerPlan } from "./run_plan.ts";

/** Looks a variable of the host up. */
export type HostVariables = (name: string) => ByteString | undefined;

/** Passed on if the program has a terminal: they describe the terminal, not the person. */
const OF_TERMINAL = ["TERM", "COLORTERM"];
/** Passed on always: the person's wish about colours. */
const ALWAYS = ["NO_COLOR"];

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface EnvironmentRequest {
  /** The image's own entries, `NAME=value`. */
  readonly image: readonly string[];
  readonly owner: Pick<OwnerPlan, "name" | "home" | "shell">;
  readonly hasTerminal: boolean;
  /** Who makes commits, as git on the host knows. */
  readonly identity?: Identity | undefined;
  /** Directories of programs, looked into after the image's. */
  readonly path?: readonly string[] | undefined;
  /** The virtual environment that is active, absolute. */
  readonly venv?: string | undefined;
  /** Names that were declared. One that is not set on the host is left out. */
  readonly passEnv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What the sandbox's own network asks for; whoever sets one of these, by `passEnv` or `env`, means it. */
  readonly network?: Readonly<Record<string, string>>;
  /** What stands whatever the settings say: a secret's name never holds its value, though it be passed on as well. */
  readonly fixed?: Readonly<Record<string, string>>;
  readonly host: HostVariables;
}

/** The whole environment, `NAME=value` entries; later layers replace earlier ones. */
export function guestEnvironment(request: EnvironmentRequest): ByteString[] {
  const { owner, host } = request;
  const variables = new Map<string, ByteString>([["PATH", DEFAULT_PATH], ["LANG", "C.UTF-8"]]);
  for (const entry of request.image) {
    const equals = entry.indexOf("=");
    if (equals > 0) variables.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  variables.set("PATH", [textOf(variables.get("PATH")!), ...request.path ?? []].join(":"));
  variables.set("HOME", owner.home).set("USER", owner.name).set("LOGNAME", owner.name).set("SHELL", owner.shell);
  for (const [name, value] of Object.entries(request.network ?? {})) variables.set(name, value);
  for (const role of ["AUTHOR", "COMMITTER"]) {
    for (const field of ["name", "email"] as const) {
      const value = request.identity?.[field];
      if (value !== undefined) variables.set(`GIT_${role}_${field.toUpperCase()}`, value.replaceAll("\0", ""));
    }
  }
  if (request.venv !== undefined) {
    variables.set("VIRTUAL_ENV", request.venv).set("PATH", `${request.venv}/bin:${textOf(variables.get("PATH")!)}`);
  }
  const passed = [...(request.hasTerminal ? OF_TERMINAL : []), ...ALWAYS, ...request.passEnv];
  for (const name of passed) {
    const value = host(name);
    if (value !== undefined) variables.set(name, value);
  }
  if (request.hasTerminal && !variables.has("TERM")) variables.set("TERM", "dumb");
  for (const [name, value] of Object.entries(request.env)) variables.set(name, value);
  for (const [name, value] of Object.entries(request.fixed ?? {})) variables.set(name, value);
  return [...variables].map(([name, value]) => joinBytes(`${name}=`, value));
}
