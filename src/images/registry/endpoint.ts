/**
 * Where a registry is asked: its own address, mirrors before it, and whether plain HTTP may be used.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import { DEFAULT_REGISTRY } from "../reference.ts";

/** The user's settings for registries. */
export interface RegistrySettings {
  /**
   * Registries or addresses to ask first, by the registry they stand for:
   * `{"docker.io": ["https://mirror.example.com", "localhost:5000/hub"]}`. A path goes in front of the repository.
   */
  readonly mirrors?: Readonly<Record<string, readonly string[]>> | undefined;
  /** `HOST[:PORT]` that may be asked without TLS. Loopback always may. */
  readonly plainHttp?: readonly string[] | undefined;
}

/** One place to ask. */
export interface Endpoint {
  /** `HOST[:PORT]`, for credentials and messages. */
  readonly host: string;
  /** Path in front of the repository, without slashes at its ends; "" for none. */
  readonly prefix: string;
  /** "either": first https, then plain HTTP. */
  readonly scheme: "https" | "http" | "either";
  readonly isMirror: boolean;
}

/** Docker Hub's API is not under the name that references have. */
const DOCKER_HUB_API = "registry-1.docker.io";

/**
 * Everything that may answer for a registry, in the order to ask: mirrors as configured, then the registry itself.
 *
 * @throws {SiloError} if a mirror's address is wrong.
 */
export function endpointsOf(registry: string, settings: RegistrySettings): Endpoint[] {
  const mirrors = settings.mirrors?.[registry] ?? [];
  return [
    ...mirrors.map((mirror) => parseMirror(mirror, registry, settings)),
    { host: registry, prefix: "", scheme: schemeOf(registry, settings), isMirror: false },
  ];
}

/** The host to connect to: differs from the registry's name for Docker Hub only. */
export function apiHost(endpoint: Endpoint): string {
  return endpoint.host === DEFAULT_REGISTRY ? DOCKER_HUB_API : endpoint.host;
}

/** Whether a host may be asked without TLS. */
export function mayBePlain(host: string, settings: RegistrySettings): boolean {
  return isLoopback(host) || (settings.plainHttp ?? []).some((allowed) => allowed.toLowerCase() === host.toLowerCase());
}

/** Whether `HOST[:PORT]` is this machine: `localhost`, 127.0.0.0/8 or ::1, in the notation that URLs have. */
export function isLoopback(host: string): boolean {
  if (!URL.canParse(`http://${host}/`)) return false;
  const { hostname } = new URL(`http://${host}/`); // normalises 127.1, 0x7f.1 and the like
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function schemeOf(host: string, settings: RegistrySettings): Endpoint["scheme"] {
  return mayBePlain(host, settings) ? "either" : "https";
}

function parseMirror(text: string, registry: string, settings: RegistrySettings): Endpoint {
  const fail = (why: string) =>
    new SiloError(`could not use the mirror "${text}" of ${registry}: ${why}`, {
      hint: "A mirror looks like https://mirror.example.com or localhost:5000/path, in the setting registries.mirrors.",
    });
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const address = hasScheme ? text : `https://${text}`;
  if (!URL.canParse(address)) throw fail("it is not an address");
  const url = new URL(address);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw fail("it is neither https nor http");
  if (url.username !== "" || url.password !== "") throw fail("it contains a login: docker login keeps those");
  if (url.search !== "" || url.hash !== "") throw fail("it has a query or a fragment");
  // `host:443` without a scheme loses its port here, which names the same place.
  const { host } = url;
  if (url.protocol === "http:" && !mayBePlain(host, settings)) {
    throw fail(`plain HTTP to ${host} is not allowed (setting registries.plainHttp)`);
  }
  const scheme = hasScheme ? url.protocol.slice(0, -1) as "https" | "http" : schemeOf(host, settings);
  return { host, prefix: url.pathname.replace(/^\/+|\/+$/g, "").replace(/^v2$/, ""), scheme, isMirror: true };
}
