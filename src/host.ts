/**
 * The host as silo sees it. No other module reads the environment, the clock, the home directory or the identity of
 * the user: they come in as one {@link Host} value, so that a test can give another.
 *
 * @module
 */
import { printable, SiloError } from "./errors.ts";

export type Platform = "linux" | "macos";
export type Architecture = "x86_64" | "arm64";

/** How much silo says of itself: errors and what was asked for; what a person should know; what it does, and why. */
export type Verbosity = "quiet" | "normal" | "verbose";

/** Facts about the host and the user who runs silo. */
export interface Host {
  readonly platform: Platform;
  readonly architecture: Architecture;
  /** The environment of this process. Only what is declared of it ever reaches a guest. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory, absolute. */
  readonly home: string;
  /** Where silo keeps what it has: `$SILO_HOME`, else `~/.silo`. Absolute; may not exist yet. */
  readonly siloHome: string;
  readonly uid: number;
  readonly gid: number;
  /** Usable logical CPUs. */
  readonly cpus: number;
  readonly pid: number;
  /** Whether stdin, stdout and stderr are terminals. */
  readonly terminals: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  readonly verbosity: Verbosity;
  /** The working directory, absolute and free of symbolic links. Throws a SiloError if it was deleted. */
  cwd(): string;
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** A clock that never goes backwards, milliseconds since an arbitrary moment. */
  monotonic(): number;
}

/**
 * The real host.
 *
 * @throws {SiloError} if the platform is not supported or no home directory is known.
 */
export function realHost(): Host {
  const env = Deno.env.toObject();
  const home = env.HOME;
  if (home === undefined || !home.startsWith("/")) {
    throw new SiloError("could not find the home directory: HOME is not set to an absolute path", {
      hint: "Set HOME, or set both HOME and SILO_HOME.",
    });
  }
  const siloHome = env.SILO_HOME || `${home}/.silo`;
  if (!siloHome.startsWith("/")) {
    throw new SiloError(`could not use SILO_HOME: "${siloHome}" is not an absolute path`);
  }
  return {
    platform: platformOf(Deno.build.os),
    architecture: Deno.build.arch === "aarch64" ? "arm64" : "x86_64",
    env,
    home: trimSlashes(home),
    siloHome: trimSlashes(siloHome),
    uid: Deno.uid() ?? 0,
    gid: Deno.gid() ?? 0,
    cpus: navigator.hardwareConcurrency,
    pid: Deno.pid,
    terminals: {
      stdin: Deno.stdin.isTerminal(),
      stdout: Deno.stdout.isTerminal(),
      stderr: Deno.stderr.isTerminal(),
    },
    verbosity: verbosityOf(env.SILO_LOG),
    cwd: workingDirectory,
    now: Date.now,
    monotonic: () => performance.now(),
  };
}

/** The host, with what a flag says of how much to say; as it is if none does. */
export function withVerbosity(host: Host, verbosity: Verbosity | undefined): Host {
  return verbosity === undefined ? host : { ...host, verbosity };
}

/** For shims, which take no flags: `SILO_LOG=verbose python …`. */
function verbosityOf(word: string | undefined): Verbosity {
  if (!word) return "normal";
  const known = (["quiet", "normal", "verbose"] as const).find((it) => it === word);
  if (known !== undefined) return known;
  throw new SiloError(`could not use SILO_LOG: "${printable(word)}" is not quiet, normal or verbose`);
}

function platformOf(os: typeof Deno.build.os): Platform {
  if (os === "linux") return "linux";
  if (os === "darwin") return "macos";
  throw new SiloError(`could not start: silo does not run on ${os}`, {
    hint: "Linux and macOS are supported; on Windows use WSL 2.",
  });
}

function workingDirectory(): string {
  try {
    return Deno.cwd();
  } catch (cause) {
    throw new SiloError("could not find the current directory: it was deleted or cannot be read", {
      hint: "Change to a directory that exists: cd .. or cd ~",
      cause,
    });
  }
}

function trimSlashes(path: string): string {
  return path.replace(/\/+$/, "") || "/";
}
