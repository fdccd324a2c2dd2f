/**
 * Image references: what a person types to name an image on a registry, with the defaults that Docker made everyone
 * used to. `python` is `docker.io/library/python:latest`.
 *
 * Grammar: the distribution project's `reference` package and the OCI distribution specification, section "Pulling
 * manifests" (`<name>` and `<reference>`).
 *
 * @module
 */
import { SiloError } from "../errors.ts";

/** The registry that is meant when none is named. Its API answers under another name: see `registry/endpoint.ts`. */
export const DEFAULT_REGISTRY = "docker.io";

/** A reference with every default filled in. Has a tag, a digest, or both; a digest decides. */
export interface Reference {
  /** Host with an optional port, lower case; IPv6 in brackets: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** Path on the registry: `library/python`. At most 255 characters. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…` or `sha512:…`, checked for its length. */
  readonly digest?: string;
}

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
/** Longer names are refused by every registry (distribution's `RepositoryNameTotalLengthMax`). */
const MAX_REPOSITORY = 255;
/** Nothing longer than this is looked at: repository, host, tag and the longest digest fit well. */
const MAX_REFERENCE = 1024;

/**
 * Reads `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.
 *
 * @throws {SiloError} if it is none; the message says which part is wrong and why.
 */
export function parseReference(text: string): Reference {
  const fail = (why: string, hint?: string) =>
    new SiloError(`could not read the image reference "${shorten(text)}": ${why}`, {
      hint: hint ?? "A reference looks like python:3.13, ghcr.io/owner/tool:tag or host:5000/path@sha256:…",
    });
  if (text === "") throw fail("it is empty");
  if (text.length > MAX_REFERENCE) throw fail(`it is longer than ${MAX_REFERENCE} characters`);
  if (/\s/.test(text)) throw fail("it contains white space");
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  if (scheme) {
    throw fail("it is an address and not a reference", `Leave out "${scheme[0]}": ${text.slice(scheme[0].length)}`);
  }

  const [beforeDigest, digest, ...more] = text.split("@") as [string, ...string[]];
  if (more.length > 0) throw fail("it contains more than one @");
  if (digest !== undefined && !DIGEST.test(digest)) {
    throw fail("what follows the @ is no digest", "A digest is sha256: and 64 digits 0-9 a-f, or sha512: and 128.");
  }
  const { host, rest } = splitHost(beforeDigest);
  // The host is gone, so a colon can only begin the tag.
  const colon = rest.indexOf(":");
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag)) {
    throw fail(
      `"${shorten(tag)}" cannot be a tag`,
      "A tag has at most 128 letters, digits and . _ -, not at its start . or -",
    );
  }

  const registry = host === undefined ? DEFAULT_REGISTRY : checkHost(host, fail);
  if (path === "") throw fail("it names no repository");
  if (path !== path.toLowerCase()) {
    throw fail("a repository's name is lower case", `Did you mean ${text.toLowerCase()}?`);
  }
  const bad = path.split("/").find((component) => !COMPONENT.test(component));
  if (bad !== undefined) {
    throw fail(
      bad === "" ? "it contains an empty path component" : `"${shorten(bad)}" cannot be part of a repository's name`,
    );
  }
  const repository = registry === DEFAULT_REGISTRY && !path.includes("/") ? `library/${path}` : path;
  if (repository.length > MAX_REPOSITORY) {
    throw fail(`the repository's name is longer than ${MAX_REPOSITORY} characters`);
  }
  if (host === undefined && /^[0-9a-f]{64}$/.test(path)) {
    throw fail(
      "64 hexadecimal digits are an image id and not a name",
      "Write NAME@sha256:… to name an image by its digest.",
    );
  }

  if (digest !== undefined) return { registry, repository, ...(tag === undefined ? {} : { tag }), digest };
  return { registry, repository, tag: tag ?? "latest" };
}

/** The whole reference with nothing left out: `docker.io/library/python:latest`. {@link parseReference} reads it back. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}` +
    (reference.tag === undefined ? "" : `:${reference.tag}`) +
    (reference.digest === undefined ? "" : `@${reference.digest}`);
}

/** As short as a person would write it: `python:3.13`. {@link parseReference} reads it back as well. */
export function shortReference(reference: Reference): string {
  const full = formatReference(reference);
  if (reference.registry !== DEFAULT_REGISTRY) return full;
  const { repository } = reference;
  // `docker.io/localhost/x` has to keep its host, or `localhost` would be read as one.
  if (splitHost(repository).host !== undefined || /^library\/[0-9a-f]{64}$/.test(repository)) return full;
  const short = full.slice(DEFAULT_REGISTRY.length + 1);
  return /^library\/[^/]+$/.test(repository) ? short.slice("library/".length) : short;
}

/** What the registry is asked for: the digest if there is one, else the tag. */
export function manifestReference(reference: Reference): string {
  return reference.digest ?? reference.tag ?? "latest";
}

/**
 * Takes the host off the front. As in Docker's own parser, what stands before the first slash is a host if it looks
 * like one: a dot, a colon, `localhost` or a bracket. Docker also takes a lone word with an upper-case letter for a
 * host; written in lower case, as hosts are, it would be a repository of Docker Hub's, so it is neither here.
 */
function splitHost(text: string): { host: string | undefined; rest: string } {
  const slash = text.indexOf("/");
  const first = slash < 0 ? "" : text.slice(0, slash);
  const isHost = first === "localhost" || /[.:[\]]/.test(first);
  return isHost ? { host: first, rest: text.slice(slash + 1) } : { host: undefined, rest: text };
}

function checkHost(text: string, fail: (why: string) => SiloError): string {
  const host = text.toLowerCase();
  const parts = /^(\[[0-9a-f:.]*\]|[^:[\]]*)(?::([0-9]*))?$/.exec(host);
  if (!parts) throw fail(`"${shorten(text)}" is not a host`);
  const [, name, port] = parts as unknown as [string, string, string | undefined];
  if (name.startsWith("[") ? !isIPv6(name) : !HOST_NAME.test(name) || name.length > 253) {
    throw fail(`"${shorten(name)}" is not the name or address of a host`);
  }
  if (port !== undefined && (!/^[0-9]{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535)) {
    throw fail(`"${shorten(port)}" is not a port`);
  }
  if (name === "index.docker.io" && port === undefined) return DEFAULT_REGISTRY;
  return host;
}

function isIPv6(bracketed: string): boolean {
  return URL.canParse(`http://${bracketed}/`);
}

function shorten(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
