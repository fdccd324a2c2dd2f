/**
 * What a TLS ClientHello says in clear text about whom it is for (RFC 8446, section 4.1.2; RFC 6066, section 3).
 *
 * @module
 */
import { type Host, hostText, parseWireHost, sameHost } from "../policy/host_name.ts";
import { type Allowed, ruleTable } from "../policy/policy.ts";
import { Refusal } from "../refusal.ts";
import { ByteCursor } from "../io/byte_cursor.ts";

export interface ClientHello {
  /** The server's name; undefined if it is not said. */
  readonly serverName: string | undefined;
  /** Another ClientHello, encrypted, may be inside, and may be for another host (RFC 9849). */
  readonly encrypted: boolean;
}

const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const ENCRYPTED_CLIENT_HELLO = 0xfe0d;
/** Encrypted SNI, the draft before it. */
const ENCRYPTED_SERVER_NAME = 0xffce;

/**
 * Reads the body of a handshake message.
 *
 * @throws {Refusal} `protocol` if it is no ClientHello or can be read in two ways.
 */
export function parseClientHello(type: number, body: Uint8Array): ClientHello {
  if (type !== CLIENT_HELLO) throw new Refusal("protocol", "the TLS handshake does not begin with a ClientHello");
  const cursor = new ByteCursor(body, "ClientHello");
  cursor.take(2 + 32);
  cursor.vector(1); // session id
  cursor.vector(2); // cipher suites
  cursor.vector(1); // compression methods
  if (cursor.left === 0) return { serverName: undefined, encrypted: false };
  const extensions = cursor.vector(2);
  cursor.finish();

  const seen = new Set<number>();
  let serverName: string | undefined;
  while (extensions.left > 0) {
    const extension = extensions.uint(2);
    const data = extensions.vector(2);
    if (seen.has(extension)) throw new Refusal("protocol", "the ClientHello is malformed: an extension is there twice");
    seen.add(extension);
    if (extension === SERVER_NAME) serverName = readServerName(data);
  }
  return { serverName, encrypted: seen.has(ENCRYPTED_CLIENT_HELLO) || seen.has(ENCRYPTED_SERVER_NAME) };
}

/**
 * Checks that the ClientHello is for the host that was asked for.
 *
 * @throws {Refusal} `mismatch`.
 */
export function checkClientHello(hello: ClientHello, host: Host, port: number, verdict: Allowed): void {
  const name = hostText(host);
  if (hello.serverName !== undefined && !sameHost(parseWireHost(hello.serverName), host)) {
    throw new Refusal("mismatch", `TLS to ${name} says that it is for ${hello.serverName} (SNI)`);
  }
  if (verdict.allowNoSni) return;
  const remedy = `add ${ruleTable(host, port, "allowNoSni")} to allow in silo.toml`;
  if (hello.encrypted) {
    throw new Refusal("mismatch", `TLS to ${name} hides whom it is for (Encrypted ClientHello)`, { remedy });
  }
  if (hello.serverName === undefined) {
    throw new Refusal("mismatch", `TLS to ${name} does not say whom it is for (no SNI)`, { remedy });
  }
}

function readServerName(data: ByteCursor): string {
  const list = data.vector(2);
  data.finish();
  const type = list.uint(1);
  const name = list.vector(2);
  // One name of the one type there is: servers differ in which of several they take.
  if (type !== HOST_NAME) throw new Refusal("protocol", "the ClientHello is malformed: a server name of unknown type");
  list.finish();
  return String.fromCharCode(...name.take(Math.min(name.left, 1_024)));
}
