/**
 * What an image says about the process to run, joined with what the tool says, the way users of `docker run` expect.
 *
 * Source: OCI image specification, "Image Configuration" (`config`), and Docker's treatment of `ENTRYPOINT` and `CMD`.
 *
 * @module
 */
import { SiloError } from "../errors.ts";
import type { ImageConfig } from "./oci_types.ts";

/** A tool's own settings; each wins over the image's. */
export interface ToolProcessSettings {
  /** The program and its first arguments. As with `docker run --entrypoint`, the image's `Cmd` is not used then. */
  readonly entrypoint?: readonly string[] | undefined;
  /** Added to the image's variables. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** `NAME`, `UID`, either with `:GROUP` behind it. */
  readonly user?: string | undefined;
  /** Absolute, in the guest. */
  readonly workingDirectory?: string | undefined;
}

export interface ImageProcess<Argument> {
  readonly argv: readonly (string | Argument)[];
  /** `NAME=value`, each name once. */
  readonly env: readonly string[];
  /** "" is the image's root user. {@link import("./image_user.ts").findUser} looks it up. */
  readonly user: string;
  /** Absolute and normalised; undefined if nobody says anything, so that the caller's own default stands. */
  readonly workingDirectory: string | undefined;
}

/** Docker's, for images that set none. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Decides program, environment, user and directory.
 *
 * @param args What the person typed after the tool's name; replaces the image's `Cmd`.
 * @throws {SiloError} if neither the image nor the tool nor the person names a program.
 */
export function imageProcess<Argument = string>(
  image: Pick<ImageConfig, "config">,
  settings: ToolProcessSettings,
  args: readonly Argument[],
): ImageProcess<Argument> {
  const config = image.config ?? {};
  const argv = settings.entrypoint !== undefined
    ? [...settings.entrypoint, ...args]
    : [...(config.Entrypoint ?? []), ...(args.length > 0 ? args : config.Cmd ?? [])];
  if (argv.length === 0 || argv[0] === "") {
    throw new SiloError("could not run the image: it names no program", {
      hint: "Name one behind the tool, or set the tool's command.",
    });
  }
  const env = new Map<string, string>([["PATH", DEFAULT_PATH]]);
  for (const entry of config.Env ?? []) {
    const equals = entry.indexOf("=");
    // Without a value Docker takes the variable from its own environment: here that is nobody's.
    if (equals > 0 && !entry.includes("\0")) env.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  for (const [name, value] of Object.entries(settings.env ?? {})) env.set(name, value);
  const directory = settings.workingDirectory ?? config.WorkingDir ?? "";
  return {
    argv,
    env: [...env].map(([name, value]) => `${name}=${value}`),
    user: settings.user ?? config.User ?? "",
    workingDirectory: directory === "" ? undefined : absolutePath(directory),
  };
}

/** A path of an image from its root, without `.`, `..` and empty parts. By hand: a run is not to load node:path. */
export function absolutePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
