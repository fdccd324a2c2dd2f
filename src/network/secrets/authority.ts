/**
 * The certificate authority of one run. It exists in this process alone, vouches for nothing but the hosts of the run's
 * secrets (name constraints, RFC 5280, section 4.2.1.10), and is forgotten with the run.
 *
 * @module
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { concatenate } from "../../concatenate.ts";
import { bits, boolean, context, integer, octets, oid, sequence, set, time, utf8 } from "./der.ts";

const DAY_MS = 86_400_000;
/** The guest's clock may be behind ours. */
const BACKDATED_MS = DAY_MS;
/** Longer than runs are, shorter than clients mind. */
const VALID_MS = 90 * DAY_MS;
const ECDSA_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));
const COMMON_NAME = "2.5.4.3";

interface Key {
  readonly secret: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** What certificates call it by. */
  readonly id: Uint8Array;
}

export class Authority {
  /** What the guest has to trust. */
  readonly pem: string;
  readonly #key = newKey();
  readonly #hostKey = newKey();
  readonly #hostKeyPem = this.#hostKey.secret.export({ type: "pkcs8", format: "pem" }).toString();
  readonly #name: Uint8Array;
  readonly #from: number;
  readonly #contexts = new Map<string, SecureContext>();

  /**
   * @param domains the names it may vouch for, each with all names under it.
   * @param now milliseconds since 1970.
   */
  constructor(domains: readonly string[], now: number) {
    this.#from = now - BACKDATED_MS;
    this.#name = commonName(`silo, this run alone (${hex(randomBytes(4))})`);
    const permitted = domains.map((domain) => sequence(dnsName(domain)));
    this.pem = pem(this.#certificate(this.#name, this.#key, [
      extension("2.5.29.19", true, sequence(boolean(true), integer(Uint8Array.of(0)))), // a CA, of no further CAs
      extension("2.5.29.15", true, bits(Uint8Array.of(0b0000_0100), 2)), // keyCertSign
      extension("2.5.29.14", false, octets(this.#key.id)),
      extension("2.5.29.30", true, sequence(context(0, true, ...permitted))),
    ]));
  }

  /** What a TLS server needs to answer as `host`. */
  contextFor(host: string): SecureContext {
    let found = this.#contexts.get(host);
    if (found === undefined) {
      found = createSecureContext({ cert: this.#vouchFor(host), key: this.#hostKeyPem, minVersion: "TLSv1.2" });
      this.#contexts.set(host, found);
    }
    return found;
  }

  #vouchFor(host: string): string {
    const name = commonName(host.slice(0, 64)); // as long as a common name may be; the next one is what counts
    return pem(this.#certificate(name, this.#hostKey, [
      extension("2.5.29.17", false, sequence(dnsName(host))),
      extension("2.5.29.19", true, sequence()), // not a CA
      extension("2.5.29.15", true, bits(Uint8Array.of(0b1000_0000), 7)), // digitalSignature
      extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1"))), // serverAuth
      extension("2.5.29.14", false, octets(this.#hostKey.id)),
      extension("2.5.29.35", false, sequence(context(0, false, this.#key.id))),
    ]));
  }

  #certificate(subject: Uint8Array, { spki }: Key, extensions: readonly Uint8Array[]): Uint8Array {
    const body = sequence(
      context(0, true, integer(Uint8Array.of(2))), // version 3
      integer(concatenate([Uint8Array.of(1), randomBytes(15)])),
      ECDSA_SHA256,
      this.#name,
      sequence(time(this.#from), time(this.#from + BACKDATED_MS + VALID_MS)),
      subject,
      spki,
      context(3, true, sequence(...extensions)),
    );
    return sequence(body, ECDSA_SHA256, bits(sign("sha256", body, this.#key.secret)));
  }
}

function newKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const spki = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
  return { secret: privateKey, spki, id: new Uint8Array(createHash("sha256").update(spki).digest()).slice(0, 20) };
}

function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function commonName(text: string): Uint8Array {
  return sequence(set(sequence(oid(COMMON_NAME), utf8(text))));
}

function dnsName(name: string): Uint8Array {
  return context(2, false, new TextEncoder().encode(name));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pem(der: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...der)).match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
