/**
 * What can be configured, as plain data. How layers of it are merged: `fields.ts` and `merge.ts`.
 *
 * @module
 */

/** Goes up when `schema.ts` gets stricter: files that an older one accepted are checked again. */
export const CONFIG_SCHEMA_VERSION = 3;

/** One layer: a tool's definition, a `silo.toml`, a table of it, or the flags of a command. */
export interface Settings {
  /** Variables with a fixed value. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Names of the host's variables to pass on. */
  readonly passEnv?: readonly string[] | undefined;
  /** Single files, read-only in the sandbox. */
  readonly passFiles?: readonly FileSetting[] | undefined;
  readonly mounts?: readonly MountSetting[] | undefined;
  readonly mount?: WorkspaceSettings | undefined;
  readonly resources?: Resources | undefined;
  readonly network?: NetworkSettings | undefined;
  readonly ports?: "auto" | readonly PortSetting[] | undefined;
  /** The whole agent, or the keys with these fingerprints (`SHA256:…`). */
  readonly passSshAgent?: boolean | readonly string[] | undefined;
  /** By the name of the variable that holds the placeholder. */
  readonly secrets?: Readonly<Record<string, SecretSetting>> | undefined;
  /** Whether a `.venv` or `venv` of the project is activated; true if not given. */
  readonly venv?: boolean | undefined;
  /** Whether git's author and committer are passed on; true if not given. */
  readonly gitIdentity?: boolean | undefined;
  /** Whether the repository of a linked git worktree is mounted; true if not given. */
  readonly gitWorktree?: boolean | undefined;
  /** Lines for the sandbox's shell, run in the sandbox before the tool. */
  readonly pre_run_hooks?: readonly string[] | undefined;
  /** Lines for the sandbox's shell, run once for each root file system that is made. */
  readonly post_build_hooks?: readonly string[] | undefined;
}

/** Settings of one tool. */
export interface ToolSettings extends Settings {
  /** The version that is run, of those that are installed: `3.12` is any 3.12.x. */
  readonly version?: string | undefined;
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

/**
 * A file of the host: where it is, and where the sandbox sees it. A text alone is both: `~/.npmrc` is in the home
 * directory of either.
 */
export type FileSetting = string | { readonly source: string; readonly target: string };

/** How the project is seen in the sandbox. */
export interface WorkspaceSettings {
  /** At `/workspace`, or where it is on the host. */
  readonly mode?: "workspace" | "same-path" | undefined;
  readonly readonly?: boolean | undefined;
  /** Directories of the project that appear empty, relative to it. */
  readonly exclude?: readonly string[] | undefined;
}

export interface Resources {
  readonly cpus?: number | undefined;
  readonly memoryMB?: number | undefined;
  /** Size of what the sandbox may write outside the project, MiB. */
  readonly rootfsSizeMB?: number | undefined;
  /** How many processes there may be at one time. */
  readonly processes?: number | undefined;
  /** After this the tool is ended. */
  readonly timeoutSeconds?: number | undefined;
}

/** What a run may use if nothing else is said; more than that of the host is not a project's to decide. */
export const DEFAULT_MEMORY_MB = 2_048;
export const DEFAULT_ROOTFS_SIZE_MB = 8_192;

/** A `silo.toml`. */
export interface ConfigFile extends Settings {
  /** What `silo` alone runs. */
  readonly tool?: string | undefined;
  /** Settings for one tool, on top of the others. */
  readonly tools?: Readonly<Record<string, ToolSettings>> | undefined;
}

/** The user's own `silo.toml`: what a project must not decide stands only there. */
export interface UserConfigFile extends ConfigFile {
  readonly registries?: Registries | undefined;
  readonly cache?: CacheSettings | undefined;
  /** Settings for projects whose git remote matches: `github.com/org`, or `github.com/org/repository`. */
  readonly repos?: Readonly<Record<string, ConfigFile>> | undefined;
}

/** How much silo may keep. */
export interface CacheSettings {
  /** Root file systems, builds and snapshots together. */
  readonly rootfs?: { readonly maxSizeMB?: number | undefined; readonly maxAgeDays?: number | undefined } | undefined;
  /** Each cache of a tool; `perMount` by `TOOL/NAME`, MiB. */
  readonly tools?: {
    readonly maxSizeMB?: number | undefined;
    readonly maxAgeDays?: number | undefined;
    readonly perMount?: Readonly<Record<string, number>> | undefined;
  } | undefined;
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

/** All layers in one: lists and tables are there, even if they are empty. */
export type MergedSettings =
  & Omit<Settings, ListOrTable>
  & { readonly [Key in Exclude<ListOrTable, "ports" | "passFiles">]: NonNullable<Settings[Key]> }
  & { readonly ports: readonly PortSetting[]; readonly passFiles: readonly Exclude<FileSetting, string>[] };

type ListOrTable =
  | "env"
  | "passEnv"
  | "passFiles"
  | "mounts"
  | "mount"
  | "resources"
  | "network"
  | "ports"
  | "secrets"
  | "pre_run_hooks"
  | "post_build_hooks";

export { mergeSettings } from "./merge.ts";

/** The layers of one file that count for a tool: its common part, then the tool's table. */
export function layersFor(file: ConfigFile, tool: string): Settings[] {
  const own = file.tools !== undefined && Object.hasOwn(file.tools, tool) ? file.tools[tool] : undefined;
  return own === undefined ? [file] : [file, own];
}

/** The layer with the sources of its mounts, files and secrets made absolute. */
export function anchored(settings: Settings, base: string, home: string): Settings {
  const { mounts, passFiles, secrets } = settings;
  if (mounts === undefined && passFiles === undefined && secrets === undefined) return settings;
  const absolute = (source: string) => {
    if (source === "~" || source.startsWith("~/")) return home + source.slice(1);
    return source.startsWith("/") ? source : `${base}/${source}`;
  };
  return {
    ...settings,
    ...(mounts && { mounts: mounts.map((mount) => ({ ...mount, source: absolute(mount.source) })) }),
    ...(passFiles && {
      passFiles: passFiles.map((file) => {
        const { source, target } = typeof file === "string" ? { source: file, target: file } : file;
        return { source: absolute(source), target };
      }),
    }),
    ...(secrets && {
      secrets: Object.fromEntries(
        Object.entries(secrets).map(([name, { from, hosts }]) => {
          const file = from.startsWith("file:") ? `file:${absolute(from.slice(5))}` : from;
          return [name, { from: file, hosts }];
        }),
      ),
    }),
  };
}
