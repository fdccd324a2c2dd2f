/**
 * A secret that the guest may use and never has: which hosts it is for, what stands for it, and its value.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import type { Host } from "../policy/host_name.ts";
import { matchesHost, parseRule, type Rule } from "../policy/rule.ts";

/** Where a host's own rule names no port: TLS's own. */
const DEFAULT_PORT = 443;
/** Shorter ones are words of ordinary text, which would be taken out of every answer. */
const MIN_VALUE_CHARACTERS = 8;
const MAX_VALUE_CHARACTERS = 4_096;

export class Secret {
  /** The variable that holds the placeholder in the guest. */
  readonly name: string;
  readonly placeholder: string;
  readonly hosts: readonly Rule[];
  // Private, so that it is in no dump, no JSON and no message of an assertion.
  readonly #value: string;

  /** @throws {SiloError} without the value, if it cannot be used. */
  constructor(name: string, placeholder: string, hosts: readonly string[], value: string) {
    this.name = name;
    this.placeholder = placeholder;
    this.hosts = secretHosts(name, hosts);
    this.#value = checkValue(name, value);
  }

  reveal(): string {
    return this.#value;
  }
}

/** The secrets that are for this host and port. */
export function secretsFor(secrets: readonly Secret[], host: Host, port: number): Secret[] {
  return secrets.filter(({ hosts }) =>
    hosts.some((rule) => (rule.port ?? DEFAULT_PORT) === port && matchesHost(rule.host, host))
  );
}

/**
 * Reads the hosts of a secret.
 *
 * @throws {SiloError} that says what to write instead.
 */
export function secretHosts(name: string, hosts: readonly string[]): Rule[] {
  return hosts.map((text) => {
    const rule = parseRule(text);
    if (rule.host.kind === "any") {
      throw new SiloError(`could not use secret ${name}: "*" gives it to every host`, {
        hint: `Name its hosts: hosts = ["*.npmjs.org"]`,
      });
    }
    return rule;
  });
}

/** The domains that an authority has to be able to vouch for. */
export function domainsOf(secrets: readonly Secret[]): string[] {
  const domains = secrets.flatMap(({ hosts }) => hosts).map(({ host }) => {
    if (host.kind === "under") return host.suffix;
    return host.kind === "exact" && host.host.kind === "name" ? host.host.name : undefined;
  });
  return [...new Set(domains.filter((domain) => domain !== undefined))];
}

/** The value as it is used, without the line end that files and commands put behind it. */
function checkValue(name: string, given: string): string {
  const value = given.replace(/[\r\n]+$/, "");
  const fail = (why: string, hint: string) => new SiloError(`could not use secret ${name}: ${why}`, { hint });
  if (value.length < MIN_VALUE_CHARACTERS) {
    throw fail(
      `its value has fewer than ${MIN_VALUE_CHARACTERS} characters`,
      "Whatever looks like the value is taken out of answers, so it must be told apart from other text.",
    );
  }
  if (value.length > MAX_VALUE_CHARACTERS || !/^[\x20-\x7e]+$/.test(value) || value.trim() !== value) {
    throw fail(
      `its value is not one line of visible ASCII characters, at most ${MAX_VALUE_CHARACTERS}`,
      "A secret is put into headers, which hold nothing else.",
    );
  }
  return value;
}
