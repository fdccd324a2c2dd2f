/**
 * What can be configured, as plain data. How layers of it are merged: `fields.ts` and `merge.ts`.
 *
 * @module
 */

/** Goes up when `schema.ts` gets stricter: files that an older one accepted are checked again. */
export const CONFIG_SCHEMA_VERSION = 2;

/** One layer: a tool's definition, a `silo.toml`, a table of it, or the flags of a command. */
export interface Settings {
  /** Variables with a fixed value. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Names of the host's variables to pass on. */
  readonly passEnv?: readonly string[] | undefined;
  readonly mounts?: readonly MountSetting[] | undefined;
  readonly resources?: Resources | undefined;
  readonly network?: NetworkSettings | undefined;
  readonly ports?: "auto" | readonly PortSetting[] | undefined;
  /** The whole agent, or the keys with these fingerprints (`SHA256:…`). */
  readonly passSshAgent?: boolean | readonly string[] | undefined;
  /** By the name of the variable that holds the placeholder. */
  readonly secrets?: Readonly<Record<string, SecretSetting>> | undefined;
}

/** Settings of one tool. */
export interface ToolSettings extends Settings {
  /** Commands that complete the tool's root file system, run once as root in a machine and kept: see docs/builds.md. */
  readonly post_install?: readonly StepSetting[] | undefined;
}

/**
 * One command of a build: a line for the sandbox's shell, or a table. `inputs` are files of the project that the command
 * reads; `script` is a file of the project that is the command itself.
 */
export type StepSetting =
  | string
  | { readonly run: string; readonly inputs?: readonly string[] | undefined }
  | { readonly script: string; readonly inputs?: readonly string[] | undefined };

/** A directory of the host that the sandbox sees. */
export interface MountSetting {
  /** On the host: absolute, `~/…`, or relative to the file that names it (flags: to the working directory). */
  readonly source: string;
  /** In the sandbox, absolute. */
  readonly target: string;
  readonly readOnly?: boolean | undefined;
}

export interface Resources {
  readonly cpus?: number | undefined;
  readonly memoryMB?: number | undefined;
  /** Size of what the sandbox may write outside the project, MiB. */
  readonly rootfsSizeMB?: number | undefined;
}

/** What a run may use if nothing else is said; more than that of the host is not a project's to decide. */
export const DEFAULT_MEMORY_MB = 2_048;
export const DEFAULT_ROOTFS_SIZE_MB = 8_192;

/** A `silo.toml`. */
export interface ConfigFile extends Settings {
  /** Settings for one tool, on top of the others. */
  readonly tools?: Readonly<Record<string, ToolSettings>> | undefined;
}

/** The user's own `silo.toml`: what a project must not decide stands only there. */
export interface UserConfigFile extends ConfigFile {
  readonly registries?: Registries | undefined;
}

/** How registries are reached. */
export interface Registries {
  /** What is asked before a registry, by the registry's name. */
  readonly mirrors?: Readonly<Record<string, readonly string[]>> | undefined;
  /** `HOST[:PORT]` that may be asked without TLS. */
  readonly plainHttp?: readonly string[] | undefined;
}

/** A host that may be reached: `example.com`, `*.example.com`, `example.com:8443`, `*`, or with what is special. */
export type NetworkRule = string | {
  readonly host: string;
  /** The host may be at an address that is not public. */
  readonly private?: boolean;
  /** TLS that does not say in clear text whom it is for is let through. */
  readonly allowNoSni?: boolean;
};

/** What may be reached from the sandbox; see docs/network.md. */
export interface NetworkSettings {
  readonly allow?: readonly NetworkRule[] | undefined;
  /** Counts during install, build and add alone. */
  readonly installAllow?: readonly NetworkRule[] | undefined;
  readonly deny?: readonly string[] | undefined;
  /** Ports of this machine's loopback, reached as `host.silo.internal`. */
  readonly hostPorts?: readonly number[] | undefined;
  /** The network is on, even if nothing is allowed by name. */
  readonly hostAccess?: boolean | undefined;
  /** Whether authorities that this machine's owner added are trusted in the sandbox; true if not given. */
  readonly hostCertificates?: boolean | undefined;
}

/** A port as `5173`, `"8080:80"` (host:guest), `"0.0.0.0:8080:80"`, or `"auto"`: whatever is listened on. */
export type PortSetting = number | string;

/** A value that only the egress proxy knows; the sandbox has a placeholder. */
export interface SecretSetting {
  /** Where the value is: `env:NAME` or `file:PATH`. */
  readonly from: string;
  /** The hosts that may get it. */
  readonly hosts: readonly string[];
}

/** All layers in one. */
export interface MergedSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly passEnv: readonly string[];
  readonly mounts: readonly MountSetting[];
  readonly resources: Resources;
  readonly network: NetworkSettings;
  readonly ports: readonly PortSetting[];
  readonly passSshAgent?: boolean | readonly string[] | undefined;
  readonly secrets: Readonly<Record<string, SecretSetting>>;
}

export { mergeSettings } from "./merge.ts";

/** The layers of one file that count for a tool: its common part, then the tool's table. */
export function layersFor(file: ConfigFile, tool: string): Settings[] {
  const own = file.tools !== undefined && Object.hasOwn(file.tools, tool) ? file.tools[tool] : undefined;
  return own === undefined ? [file] : [file, own];
}

/** The layer with the sources of its mounts made absolute. */
export function anchored(settings: Settings, base: string, home: string): Settings {
  if (settings.mounts === undefined) return settings;
  const absolute = (source: string) => {
    if (source === "~" || source.startsWith("~/")) return home + source.slice(1);
    return source.startsWith("/") ? source : `${base}/${source}`;
  };
  return { ...settings, mounts: settings.mounts.map((mount) => ({ ...mount, source: absolute(mount.source) })) };
}
