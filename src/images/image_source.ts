/**
 * Where an image comes from, as a person names it: a registry, or files. Prefixes are skopeo's.
 *
 * @module
 */
import { isAbsolute, resolve } from "node:path";
import { SiloError } from "../errors.ts";
import { parseReference, type Reference, shortReference } from "./reference.ts";

export type FileSourceKind = "oci" | "oci-archive" | "docker-archive";

export type ImageSource =
  | { readonly kind: "registry"; readonly reference: Reference }
  | {
    readonly kind: FileSourceKind;
    /** Absolute. */
    readonly path: string;
    /** Which of several images: the name in the layout's index, or one of Docker's `RepoTags`. */
    readonly name?: string;
  };

const PREFIX = /^(oci|oci-archive|docker-archive|docker):/;

/**
 * Reads `REFERENCE`, `docker://REFERENCE`, `oci:DIR[:NAME]`, `oci-archive:FILE[:NAME]` or `docker-archive:FILE[:NAME]`.
 * As in skopeo the path ends at the first colon, so it can have none.
 *
 * @param cwd What relative paths are relative to.
 * @throws {SiloError}
 */
export function parseImageSource(text: string, cwd: string): ImageSource {
  const prefix = PREFIX.exec(text)?.[1];
  if (prefix === "docker" && text.startsWith("docker://")) {
    return { kind: "registry", reference: parseReference(text.slice("docker://".length)) };
  }
  if (prefix === undefined || prefix === "docker") return { kind: "registry", reference: parseReference(text) };
  const rest = text.slice(prefix.length + 1);
  const colon = rest.indexOf(":");
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const name = colon < 0 ? "" : rest.slice(colon + 1);
  if (path === "") {
    throw new SiloError(`could not read the image "${text}": it names no ${prefix === "oci" ? "directory" : "file"}`, {
      hint: `It looks like ${prefix}:PATH or ${prefix}:PATH:NAME.`,
    });
  }
  const absolute = isAbsolute(path) ? path : resolve(cwd, path);
  return { kind: prefix as FileSourceKind, path: absolute, ...(name === "" ? {} : { name }) };
}

/** As a person would write it; {@link parseImageSource} reads it back. The store names images from files by it. */
export function formatImageSource(source: ImageSource): string {
  if (source.kind === "registry") return shortReference(source.reference);
  return `${source.kind}:${source.path}${source.name === undefined ? "" : `:${source.name}`}`;
}
