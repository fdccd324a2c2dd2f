/**
 * What is to be installed: decided from what a person asked for, the registry's definition and what is there already.
 *
 * @module
 */
import { basename } from "node:path/posix";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { formatImageSource, type ImageSource, parseImageSource } from "../images/image_source.ts";
import { formatReference, parseReference } from "../images/reference.ts";
import { nearest } from "../nearest.ts";
import { type DebianSource, type Shim, TOOL_NAME, type ToolDefinition } from "./definition.ts";
import { readInstalled } from "./installed.ts";
import { availableTools, readDefinition } from "./registry.ts";
import { RESERVED_NAMES } from "./reserved_names.ts";

/** A tool of the registry, by name. */
export interface ToolRequest {
  readonly tool: string;
  /** What stood after `@`. From Debian: the version or its beginning. From a registry: the tag. */
  readonly version: string | undefined;
  /** Undefined: where it is installed from already, else its registry, else Debian. */
  readonly from: "registry" | "debian" | undefined;
}

/** Any image. */
export interface ImageRequest {
  /** As {@link parseImageSource} reads it. */
  readonly image: string;
  readonly name: string | undefined;
  /** Undefined: those of the registry's tool of that name; none if there is no such tool. */
  readonly shims: readonly Shim[] | undefined;
}

/** What to install and where it comes from. */
export interface InstallPlan {
  readonly name: string;
  readonly shims: readonly Shim[];
  readonly origin:
    | { readonly kind: "debian"; readonly debian: DebianSource; readonly version: string | undefined }
    | {
      readonly kind: "image";
      readonly source: ImageSource;
      /** The variable of the image that holds the tool's version. */
      readonly versionVariable: string | undefined;
    };
  /** What to do if the image cannot be had. */
  readonly otherwise: string | undefined;
}

/**
 * Decides what to install.
 *
 * @throws {SiloError} if the tool is not known, there is no such source of it, or it would take a name that is taken.
 */
export function planInstall(host: Host, request: ToolRequest | ImageRequest): InstallPlan {
  return "image" in request ? planImage(host, request) : planTool(host, request);
}

function planTool(host: Host, { tool: name, version, from }: ToolRequest): InstallPlan {
  const known = readInstalled(host).get(name);
  // What is installed is repaired from where it came.
  if (known !== undefined && known.source !== "debian" && version === undefined && from !== "debian") {
    return { ...planImage(host, { image: known.source, name, shims: known.shims }), ...fallback(host, name) };
  }
  const definition = definitionToInstall(host, name);
  const { image, debian, shims } = definition;
  const isRepair = known?.source === "debian" && version === undefined;
  const chosen = from ?? (debian !== undefined && (isRepair || image === undefined) ? "debian" : "registry");
  const refuse = (why: string) =>
    new SiloError(`could not install ${name}: ${why}`, {
      hint: `Another image of it can be named: silo install --image REFERENCE --name ${name}`,
    });
  if (chosen === "debian") {
    if (debian === undefined) throw refuse("it is not defined for Debian packages");
    return { name, shims, origin: { kind: "debian", debian, version }, otherwise: undefined };
  }
  if (image === undefined) throw refuse("its definition names no image of a registry");
  const reference = parseReference(`${image.repository}:${version ?? image.version}`);
  return {
    name,
    shims,
    origin: { kind: "image", source: { kind: "registry", reference }, versionVariable: image.versionVariable },
    ...fallback(host, name),
  };
}

function planImage(host: Host, { image, name: given, shims }: ImageRequest): InstallPlan {
  const source = parseImageSource(image, host.cwd());
  const name = given ?? nameOf(source);
  if (!TOOL_NAME.test(name)) {
    const why = given === undefined
      ? `its name would be "${name}", which no tool can have`
      : "no tool can be called that";
    throw new SiloError(`could not install ${given ?? image}: ${why}`, {
      hint: "Name it with small letters, digits, and . _ -: --name NAME",
    });
  }
  const definition = readDefinition(host, name);
  const chosen = shims ?? definition?.shims ?? [];
  assertNamesFree(host, name, chosen);
  const versionVariable = definition?.image?.versionVariable;
  return { name, shims: chosen, origin: { kind: "image", source, versionVariable }, otherwise: undefined };
}

function fallback(host: Host, name: string): Pick<InstallPlan, "otherwise"> {
  const hasDebian = readDefinition(host, name)?.debian !== undefined;
  return { otherwise: hasDebian ? `Without a registry: silo install ${name} --from debian` : undefined };
}

/** How the source is written in the list of tools; {@link parseImageSource} reads it back. */
export function sourceText(origin: InstallPlan["origin"]): string {
  if (origin.kind === "debian") return "debian";
  const { source } = origin;
  return source.kind === "registry" ? formatReference(source.reference) : formatImageSource(source);
}

/** `ghcr.io/owner/Tool:1` is tool; `oci-archive:/tmp/tool.tar` too. */
function nameOf(source: ImageSource): string {
  if (source.kind === "registry") return basename(source.reference.repository);
  const last = basename(source.name?.replace(/:[^/:]*$/, "") ?? source.path);
  return last.replace(/(\.oci|\.docker)?(\.tar)?(\.gz|\.zst)?$/, "").toLowerCase();
}

/**
 * The definition of a tool that is to be installed.
 *
 * @throws {SiloError} if there is none, or it would take a name that is taken.
 */
export function definitionToInstall(host: Host, name: string): ToolDefinition {
  assertNamesFree(host, name, []);
  const definition = readDefinition(host, name);
  if (definition === undefined) {
    const guess = nearest(name, availableTools(host));
    throw new SiloError(`could not install ${name}: no tool of that name is known`, {
      hint: guess
        ? `Did you mean ${guess}?`
        : "`silo list --available` shows the tools there are; silo install --image REFERENCE takes any image.",
    });
  }
  assertNamesFree(host, name, definition.shims);
  return definition;
}

/** Refuses names that are commands or belong to another tool. */
function assertNamesFree(host: Host, name: string, shims: readonly Shim[]): void {
  const refuse = (why: string, hint?: string) => new SiloError(`could not install ${name}: ${why}`, { hint });
  if (RESERVED_NAMES.has(name)) throw refuse(`\`silo ${name}\` is a command, so no tool may be called that`);
  for (const other of readInstalled(host).values()) {
    if (other.name === name) continue;
    const first = `First: silo uninstall ${other.name}`;
    if (other.shims.some((taken) => taken.name === name)) throw refuse(`${other.name} has a shim of that name`, first);
    const taken = shims.find((shim) => other.name === shim.name || other.shims.some((it) => it.name === shim.name));
    if (taken) throw refuse(`its shim ${taken.name} belongs to ${other.name} already`, first);
  }
  const reserved = shims.find((shim) => RESERVED_NAMES.has(shim.name));
  if (reserved) throw refuse(`its shim ${reserved.name} is called like a command of silo`);
}
