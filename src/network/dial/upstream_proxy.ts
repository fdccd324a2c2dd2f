/**
 * The proxy that the host's own network demands: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, as curl
 * reads them.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import { isInRange, parseIp, parseRange } from "../policy/ip_address.ts";
import { type Host, hostText, parseHost, parsePort, splitAuthority } from "../policy/host_name.ts";

export interface UpstreamProxy {
  readonly host: Host;
  readonly port: number;
  /** The value of Proxy-Authorization. Secret: never in messages. */
  readonly authorization: string | undefined;
}

export interface UpstreamProxies {
  /** For plain HTTP requests. */
  readonly http: UpstreamProxy | undefined;
  /** For everything else, by CONNECT. */
  readonly tunnel: UpstreamProxy | undefined;
  readonly exceptions: readonly Exception[];
}

/** One entry of `NO_PROXY`. */
interface Exception {
  readonly matches: (host: Host) => boolean;
  readonly port: number | undefined;
}

export const NO_PROXIES: UpstreamProxies = { http: undefined, tunnel: undefined, exceptions: [] };

/**
 * Reads the proxies from an environment.
 *
 * @throws {SiloError} if one is set that cannot be used.
 */
export function upstreamProxies(env: Readonly<Record<string, string | undefined>>): UpstreamProxies {
  const read = (name: string) => {
    // As curl: the lower case counts first.
    const found = [name.toLowerCase(), name].find((key) => env[key]);
    return found === undefined ? undefined : parseProxy(found, env[found]!);
  };
  const all = read("ALL_PROXY");
  const list = env.no_proxy || env.NO_PROXY || "";
  return {
    http: read("HTTP_PROXY") ?? all,
    tunnel: read("HTTPS_PROXY") ?? all,
    exceptions: list.split(/[\s,]+/).filter((entry) => entry !== "").map(parseException),
  };
}

/** The proxy that a connection has to take; undefined if it goes straight. */
export function proxyFor(
  proxies: UpstreamProxies,
  use: "http" | "tunnel",
  host: Host,
  port: number,
): UpstreamProxy | undefined {
  const proxy = proxies[use];
  if (proxy === undefined) return undefined;
  const excepted = proxies.exceptions.some((entry) => (entry.port ?? port) === port && entry.matches(host));
  return excepted ? undefined : proxy;
}

function parseProxy(variable: string, value: string): UpstreamProxy {
  const fail = (why: string, hint: string) => new SiloError(`could not use ${variable}: ${why}`, { hint });
  const [, scheme, rest] = /^(?:([a-z0-9+.-]+):\/\/)?(.*)$/is.exec(value)!;
  if (scheme !== undefined && scheme.toLowerCase() !== "http") {
    throw fail(`a proxy of kind "${scheme}" is not supported`, "Name an HTTP proxy: http://proxy.example.com:3128");
  }
  const authority = rest!.replace(/[/?#].*$/s, "");
  const at = authority.lastIndexOf("@");
  try {
    const { host, port: portText } = splitAuthority(authority.slice(at + 1));
    // Without a port, curl takes 1080 and most others 80; a URL of this scheme means 80.
    const port = portText === undefined ? 80 : parsePort(portText);
    if (port === undefined) throw fail("its port is not a number", "Example: http://proxy.example.com:3128");
    return { host: parseHost(host), port, authorization: at < 0 ? undefined : basic(authority.slice(0, at)) };
  } catch (cause) {
    if (cause instanceof SiloError) throw cause;
    // The text may hold a password.
    throw fail("it is no URL of a proxy", "Example: http://proxy.example.com:3128");
  }
}

function basic(credentials: string): string {
  const colon = credentials.includes(":") ? credentials : `${credentials}:`;
  const text = colon.split(":").map(decodeURIComponent).join(":");
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`;
}

function parseException(entry: string): Exception {
  if (entry === "*") return { matches: () => true, port: undefined };
  const none: Exception = { matches: () => false, port: undefined };
  try {
    if (entry.includes("/")) {
      const range = parseRange(entry);
      if (range === undefined) return none;
      return {
        matches: (host) => host.kind === "address" && isInRange(parseIp(host.address)!, range),
        port: undefined,
      };
    }
    const { host: text, port: portText } = splitAuthority(entry);
    const port = portText === undefined ? undefined : parsePort(portText);
    const host = parseHost(text.replace(/^\*?\./, ""));
    const name = hostText(host);
    return {
      matches: (other) => hostText(other) === name || (other.kind === "name" && other.name.endsWith(`.${name}`)),
      port,
    };
  } catch {
    // Other programs ignore what they cannot read here, too.
    return none;
  }
}
