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
import type { Settings, StepSetting } from "../config/config.ts";
import { type DebianSource, type Shim, TOOL_NAME, type ToolDefinition } from "./definition.ts";
import { type InstalledTool, readInstalled } from "./installed.ts";
import { availableTools, readDefinition } from "./registry.ts";
import { RESERVED_NAMES } from "./reserved_names.ts";
import { assertVersion, debianVersion, isOwnVersion, postInstallOf, tagOf } from "./versions.ts";

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
  /** What `--cpus`, `--memory` and `--network` said. */
  readonly settings?: Settings | undefined;
  /** The text of a script that completes the image. */
  readonly setup?: string | undefined;
  /** Undefined: those of the registry's tool of that name; none if there is no such tool. */
  readonly shims: readonly Shim[] | undefined;
}

/** What to install and where it comes from. */
export interface InstallPlan {
  readonly name: string;
  readonly shims: readonly Shim[];
  /** Commands that complete the image, with the version in them. */
  readonly postInstall: readonly StepSetting[];
  /** The tool's version, if it is not the image's to say. */
  readonly version: string | undefined;
  /** What its entry in the list of tools says beside that. */
  readonly keeps: Pick<InstalledTool, "settings" | "setup" | "projectsOnly">;
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
  const definition = known === undefined ? definitionToInstall(host, name) : readDefinition(host, name);
  if (version !== undefined && definition !== undefined && from !== "debian") assertVersion(definition, version);
  // What is installed is repaired from where it came.
  if (known !== undefined && known.source !== "debian" && version === undefined && from !== "debian") {
    const { shims, setup, settings } = known;
    const steps = definition === undefined ? [] : postInstallOf(definition, "registry", known.version);
    const plan = planImage(host, { image: known.source, name, shims, setup, settings });
    const isSteps = plan.postInstall.length === 0 && steps.length > 0;
    return {
      ...plan,
      ...(isSteps ? { postInstall: steps } : {}),
      version: definition?.image && !isOwnVersion(definition.image) ? known.version : undefined,
      ...fallback(host, name),
    };
  }
  return planDefinition(host, definition ?? definitionToInstall(host, name), { tool: name, version, from });
}

function planDefinition(
  host: Host,
  definition: ToolDefinition,
  { tool: name, version, from }: ToolRequest,
): InstallPlan {
  const known = readInstalled(host).get(name);
  const { image, debian } = definition;
  const isRepair = known?.source === "debian" && version === undefined;
  const chosen = from ?? (debian !== undefined && (isRepair || image === undefined) ? "debian" : "registry");
  const refuse = (why: string) =>
    new SiloError(`could not install ${name}: ${why}`, {
      hint: `Another image of it can be named: silo install --image REFERENCE --name ${name}`,
    });
  if (chosen === "debian") {
    if (debian === undefined) throw refuse("it is not defined for Debian packages");
    const told = debianVersion(debian, definition, version);
    if (version !== undefined && told !== undefined) assertVersion(definition, version);
    return {
      name,
      shims: withOwn(debian.shims ?? definition.shims, known),
      postInstall: postInstallOf(definition, "debian", version),
      version: told,
      keeps: kept(known),
      origin: { kind: "debian", debian, version: told === undefined ? version : undefined },
      otherwise: undefined,
    };
  }
  if (image === undefined) throw refuse("its definition names no image of a registry");
  const wanted = version ?? image.version;
  const reference = parseReference(`${image.repository}:${tagOf(image, wanted)}`);
  return {
    name,
    shims: withOwn(definition.shims, known),
    postInstall: postInstallOf(definition, "registry", wanted),
    version: isOwnVersion(image) ? undefined : wanted,
    keeps: kept(known),
    origin: { kind: "image", source: { kind: "registry", reference }, versionVariable: image.versionVariable },
    ...fallback(host, name),
  };
}

function planImage(host: Host, { image, name: given, shims, setup, settings }: ImageRequest): InstallPlan {
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
  return {
    name,
    shims: chosen,
    postInstall: setup === undefined ? [] : [setup],
    version: undefined,
    keeps: {
      ...(settings === undefined ? {} : { settings }),
      ...(setup === undefined ? {} : { setup }),
      ...(readInstalled(host).get(name)?.projectsOnly ? { projectsOnly: true } : {}),
    },
    origin: { kind: "image", source, versionVariable },
    otherwise: undefined,
  };
}

/** The shims of the definition, and those that a person added. */
function withOwn(shims: readonly Shim[], known: InstalledTool | undefined): readonly Shim[] {
  const own = known?.shims.filter((shim) => !shims.some(({ name }) => name === shim.name)) ?? [];
  return [...shims, ...own];
}

/** What a tool that is there already keeps when another version of it comes. */
function kept(known: InstalledTool | undefined): InstallPlan["keeps"] {
  return known?.projectsOnly ? { projectsOnly: true } : {};
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

/** What leaves a name to another tool; undefined if it is the tool's own. */
function freeing(owner: InstalledTool, { name }: Shim): string | undefined {
  return owner.name === name ? undefined : `First: silo shim ${owner.name} remove ${name}`;
}

/**
 * Refuses names that are commands or belong to another tool.
 *
 * @throws {SiloError} that says whose a name is.
 */
export function assertNamesFree(host: Host, name: string, shims: readonly Shim[], doing = `install ${name}`): void {
  const refuse = (why: string, hint?: string) => new SiloError(`could not ${doing}: ${why}`, { hint });
  if (RESERVED_NAMES.has(name)) throw refuse(`\`silo ${name}\` is a command, so no tool may be called that`);
  for (const other of readInstalled(host).values()) {
    if (other.name === name) continue;
    const first = `First: silo uninstall ${other.name}`;
    if (other.shims.some((taken) => taken.name === name)) throw refuse(`${other.name} has a shim of that name`, first);
    const taken = shims.find((shim) => other.name === shim.name || other.shims.some((it) => it.name === shim.name));
    if (taken) throw refuse(`its shim ${taken.name} belongs to ${other.name} already`, freeing(other, taken) ?? first);
  }
  const reserved = shims.find((shim) => RESERVED_NAMES.has(shim.name));
  if (reserved) throw refuse(`its shim ${reserved.name} is called like a command of silo`);
}
