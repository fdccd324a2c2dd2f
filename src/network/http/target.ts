/**
 * Whom a request is for: its target, and the Host field, which must not say otherwise.
 *
 * @module
 */
import { type Host, hostText, parsePort, parseWireHost, sameHost, splitAuthority } from "../policy/host_name.ts";
import { Refusal } from "../refusal.ts";
import { malformed, type RequestHead, valuesOf } from "./head.ts";

export interface Authority {
  readonly host: Host;
  readonly port: number;
  /** Its requests come in TLS. */
  readonly secure?: boolean;
}

export interface HttpTarget extends Authority {
  /** In origin form, with the query: what the server of that name is asked for. */
  readonly path: string;
}

/**
 * The target of CONNECT: `host:port`, the port always there (RFC 9112, section 3.2.3).
 *
 * @throws {Refusal}
 */
export function parseConnectTarget(head: RequestHead): Authority {
  const { host, port } = splitAuthority(head.target);
  if (port === undefined) throw malformed("CONNECT needs a host and a port");
  const authority = { host: parseWireHost(host), port: readPort(port) };
  // Some clients leave it out here; if it is there, it must agree.
  if (valuesOf(head.fields, "host").length > 0) checkHostField(head, authority);
  return authority;
}

/**
 * The target of a request to a proxy: a whole `http` URL.
 *
 * @throws {Refusal}
 */
export function parseAbsoluteTarget(head: RequestHead): HttpTarget {
  const found = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?]*)(.*)$/s.exec(head.target);
  if (found === null) throw malformed("its target is not a URL, which a proxy needs");
  const [, scheme, authority, rest] = found;
  if (scheme!.toLowerCase() !== "http") {
    throw new Refusal("protocol", `a proxy request for ${scheme}: is not served; use CONNECT`);
  }
  if (authority!.includes("@")) throw malformed("its URL has a user name");
  if (head.target.includes("#")) throw malformed("its URL has a fragment");
  return { ...parseAuthority(authority!, 80), path: absolutePath(head.method, rest!) };
}

/**
 * The target of a request on a connection that is for `authority` already: a path.
 *
 * @throws {Refusal}
 */
export function parseOriginTarget(head: RequestHead, authority: Authority): HttpTarget {
  if (!head.target.startsWith("/") && !(head.target === "*" && head.method === "OPTIONS")) {
    throw new Refusal("protocol", `a request for another host inside a connection to ${hostText(authority.host)}`);
  }
  if (head.target.includes("#")) throw malformed("its target has a fragment");
  return { ...authority, path: head.target };
}

/** `host` or `host:port` as the Host field has it for the authority. */
export function hostField({ host, port, secure }: Authority): string {
  return port === (secure ? 443 : 80) ? hostText(host) : `${hostText(host)}:${port}`;
}

/**
 * Checks that the Host field, of which there must be exactly one, names the authority.
 *
 * @throws {Refusal} `mismatch` if it names another.
 */
export function checkHostField(head: RequestHead, authority: Authority): void {
  const values = valuesOf(head.fields, "host");
  if (values.length === 0 && head.minor === 0) return;
  if (values.length !== 1) throw malformed(values.length === 0 ? "it has no Host" : "it has more than one Host");
  const said = parseAuthority(values[0]!, authority.port);
  if (!sameHost(said.host, authority.host) || said.port !== authority.port) {
    throw new Refusal("mismatch", `a request to ${hostField(authority)} says that it is for ${values[0]} (Host)`);
  }
}

function parseAuthority(text: string, defaultPort: number): Authority {
  const { host, port } = splitAuthority(text);
  return { host: parseWireHost(host), port: port === undefined ? defaultPort : readPort(port) };
}

function readPort(text: string): number {
  const port = parsePort(text);
  if (port === undefined) throw malformed("its port is not a number from 1 to 65535");
  return port;
}

function absolutePath(method: string, rest: string): string {
  if (rest === "" && method === "OPTIONS") return "*";
  return rest.startsWith("/") ? rest : `/${rest}`;
}
