/**
 * Logins for registries, as `docker login` keeps them: in `config.json` of `$DOCKER_CONFIG` or `~/.docker`, or in a
 * credential helper that the file names. silo only ever reads them, so it needs no login command of its own.
 *
 * Format: Docker's `config.json` (`auths`, `credsStore`, `credHelpers`) and the protocol of docker-credential-helpers.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { reasonOf, SiloError } from "../errors.ts";
import { DEFAULT_REGISTRY } from "./reference.ts";
import { askCredentialHelper } from "./registry/credential_helper.ts";

/** A login. `source` is where it came from, for messages. Never print the rest. */
export type Credentials =
  | { readonly kind: "password"; readonly username: string; readonly password: string; readonly source: string }
  /** An OAuth 2 refresh token, exchanged at the token server. */
  | { readonly kind: "identity"; readonly token: string; readonly source: string }
  /** A bearer token that is sent to the registry as it is. */
  | { readonly kind: "bearer"; readonly token: string; readonly source: string };

/** Finds the login for a registry (`HOST[:PORT]`, `docker.io` for Docker Hub); undefined if there is none. */
export type CredentialSource = (registry: string) => Promise<Credentials | undefined>;

/** Under this name Docker keeps the login for Docker Hub. */
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";
/** Larger files are refused. In bytes. */
const MAX_CONFIG_BYTES = 1 << 20;

/** The logins of Docker's configuration. The file is read at the first question, not before. */
export function dockerCredentials(host: Host): CredentialSource {
  const path = `${host.env.DOCKER_CONFIG || `${host.home}/.docker`}/config.json`;
  let config: Promise<DockerConfig> | undefined;
  return async (registry) => {
    const { auths, credHelpers, credsStore } = await (config ??= readConfig(path));
    const helper = entryFor(credHelpers, registry)?.value ?? credsStore;
    if (typeof helper === "string" && helper !== "") {
      return await askCredentialHelper(helper, serverName(registry), host);
    }
    const entry = entryFor(auths, registry);
    return entry && readEntry(entry.value, `${path} (auths, "${entry.key}")`);
  };
}

interface DockerConfig {
  readonly auths: Record<string, unknown>;
  readonly credHelpers: Record<string, unknown>;
  readonly credsStore: unknown;
}

async function readConfig(path: string): Promise<DockerConfig> {
  const fail = (why: string, cause?: unknown) =>
    new SiloError(`could not read Docker's logins from ${path}: ${why}`, {
      hint: "Mend or remove the file, or point DOCKER_CONFIG at another directory.",
      cause,
    });
  let text: string;
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_CONFIG_BYTES) throw fail(`it is larger than ${MAX_CONFIG_BYTES} bytes`);
    text = await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return { auths: {}, credHelpers: {}, credsStore: undefined };
    throw cause instanceof SiloError ? cause : fail(reasonOf(cause), cause);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw fail("it is not JSON", cause); // the parser's own message would quote the file, secrets included
  }
  if (!isRecord(parsed)) throw fail("it is not a JSON object");
  return {
    auths: isRecord(parsed.auths) ? parsed.auths : {},
    credHelpers: isRecord(parsed.credHelpers) ? parsed.credHelpers : {},
    credsStore: parsed.credsStore,
  };
}

/** What credential helpers and `auths` call a registry. */
function serverName(registry: string): string {
  return registry === DEFAULT_REGISTRY ? DOCKER_HUB_KEY : registry;
}

/** The entry of a registry. Keys may be written as addresses (`https://host/v1/`), as old versions of Docker did. */
function entryFor(map: Record<string, unknown>, registry: string): { key: string; value: unknown } | undefined {
  for (const key of [serverName(registry), registry]) {
    if (Object.hasOwn(map, key)) return { key, value: map[key] };
  }
  const key = Object.keys(map).find((key) => {
    const host = key.replace(/^https?:\/\//, "").split("/")[0]!.toLowerCase();
    return (host === "index.docker.io" || host === "registry-1.docker.io" ? DEFAULT_REGISTRY : host) === registry;
  });
  return key === undefined ? undefined : { key, value: map[key] };
}

function readEntry(entry: unknown, source: string): Credentials | undefined {
  if (!isRecord(entry)) return undefined;
  if (isFilled(entry.identitytoken)) return { kind: "identity", token: entry.identitytoken, source };
  if (isFilled(entry.registrytoken)) return { kind: "bearer", token: entry.registrytoken, source };
  if (isFilled(entry.auth)) {
    const [, username, password] = /^([^:]*):([^]*)$/.exec(decodeBase64(entry.auth) ?? "") ?? [];
    if (username === undefined || password === undefined) {
      throw new SiloError(`could not read the login in ${source}: "auth" is not base64 of USER:PASSWORD`, {
        hint: "Log in again with: docker login",
      });
    }
    // Docker pads with NUL bytes in files of very old versions.
    return { kind: "password", username, password: password.replace(/\0+$/, ""), source };
  }
  if (isFilled(entry.username) && isFilled(entry.password)) {
    return { kind: "password", username: entry.username, password: entry.password, source };
  }
  return undefined; // with a credsStore, docker leaves empty entries behind
}

function decodeBase64(text: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.fromBase64(text));
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFilled(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
