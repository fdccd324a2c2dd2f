/**
 * Which versions of a tool there are, and what one means for its image and its steps. Pure.
 *
 * @module
 */
import type { StepSetting } from "../config/config.ts";
import { SiloError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import type { DebianSource, RegistrySource, ToolDefinition } from "./definition.ts";

/**
 * Refuses a version that is not offered. Offered are the versions of the list, what goes on from one of them after a
 * dot (3.13.5 after 3.13) and variants of one after a dash (3.13-alpine); any, if there is no list.
 *
 * @throws {SiloError} with the list.
 */
export function assertVersion(definition: ToolDefinition, version: string): void {
  const { name, versions } = definition;
  if (versions.length === 0 || versions.some((known) => isWithin(version, known))) return;
  const guess = nearest(version, versions);
  throw new SiloError(`could not install ${name}@${version}: there is no such version`, {
    hint: `There are ${versions.join(", ")}${guess ? `. Did you mean ${name}@${guess}?` : ""}\n` +
      `Another image of it: silo install --image REFERENCE --name ${name}`,
  });
}

function isWithin(version: string, known: string): boolean {
  return version === known || version.startsWith(`${known}.`) || version.startsWith(`${known}-`);
}

/** The tag of the image that has a version; one that names a variant already (3.13-alpine) is the tag itself. */
export function tagOf(image: RegistrySource, version: string): string {
  return isOwnVersion(image) && version.includes("-") ? version : image.tag.replaceAll("{version}", version);
}

/** Whether the image's version is the tool's. If not, the tool comes with the post-install steps. */
export function isOwnVersion(image: RegistrySource): boolean {
  return image.tag.includes("{version}");
}

/** The steps that complete the tool's image, with the version in them. */
export function postInstallOf(
  definition: ToolDefinition,
  from: "registry" | "debian",
  version?: string,
): StepSetting[] {
  const own = from === "debian" ? definition.debian?.postInstall : undefined;
  const number = version ?? definition.image?.version ?? "";
  const filled = (text: string) => text.replaceAll("{version}", number);
  return (own ?? definition.postInstall).map((step) => {
    if (typeof step === "string") return filled(step);
    return "run" in step ? { ...step, run: filled(step.run) } : step;
  });
}

/** The version that a tool from Debian has if no package says it. */
export function debianVersion(debian: DebianSource, definition: ToolDefinition, version?: string): string | undefined {
  return debian.versionFrom === undefined ? version ?? definition.image?.version : undefined;
}
