/**
 * Choosing the image for this host out of an index of several platforms.
 *
 * @module
 */
import type { Host } from "../../host.ts";
import type { IndexEntry } from "./manifest.ts";

/** What images are for, in Go's names as the image specification has them. */
export interface ImagePlatform {
  readonly os: string;
  readonly architecture: string;
}

/** Guests run Linux on the host's own kind of processor. */
export function platformOf(host: Host): ImagePlatform {
  return { os: "linux", architecture: host.architecture === "arm64" ? "arm64" : "amd64" };
}

/**
 * Variants that the processors of an architecture run, best first. "" is an entry without one. arm64 is v8 by
 * definition; of amd64 the plain one comes first, as an emulated processor may have no more.
 */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  amd64: ["", "v1", "v2"],
  arm64: ["v8", ""],
};

/** The best entry for a platform; undefined if none fits. Of equally good ones the first, as the specification says. */
export function choosePlatform(entries: readonly IndexEntry[], platform: ImagePlatform): IndexEntry | undefined {
  const fitting = entries.filter((entry) => {
    return entry.platform?.os === platform.os && entry.platform.architecture === platform.architecture;
  });
  for (const variant of VARIANTS[platform.architecture] ?? [""]) {
    const found = fitting.find((entry) => (entry.platform!.variant ?? "") === variant);
    if (found) return found;
  }
  // An index of one image that names no platform (skopeo and umoci write those) can only mean that one.
  const [only, ...others] = entries;
  return only !== undefined && others.length === 0 && only.platform === undefined ? only : undefined;
}

/** The platforms that an index offers, for a message: `linux/amd64, linux/arm64/v8`. */
export function platformsOf(entries: readonly IndexEntry[]): string {
  const names = entries.flatMap(({ platform }) => {
    // Attestations are listed as unknown/unknown.
    if (platform === undefined || platform.os === "unknown") return [];
    return [`${platform.os}/${platform.architecture}${platform.variant ? `/${platform.variant}` : ""}`];
  });
  return [...new Set(names)].slice(0, 20).join(", ") || "none";
}
