/**
 * One rule of the network section of `silo.toml`: what it may look like, and what it matches.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import { type Host, hostText, parseHost, parsePort, splitAuthority } from "./host_name.ts";
import { Refusal } from "../refusal.ts";

/** A rule as configuration gives it. */
export type RuleSource = string | {
  /** `example.com`, `*.example.com`, `example.com:8443`, an IP address, or `*`. */
  readonly host: string;
  /** The host may be at an address that is not public. */
  readonly private?: boolean;
  /** TLS that does not say in clear text whom it is for is let through. */
  readonly allowNoSni?: boolean;
};

export type HostPattern =
  /** `*`: every name. */
  | { readonly kind: "any" }
  | { readonly kind: "exact"; readonly host: Host }
  /** `*.suffix`: every name with at least one label more. */
  | { readonly kind: "under"; readonly suffix: string };

export interface Rule {
  readonly host: HostPattern;
  /** null: the rule names no port. */
  readonly port: number | null;
  readonly private: boolean;
  readonly allowNoSni: boolean;
  /** In one form: equal rules have equal texts. */
  readonly text: string;
}

/** The ports of an `allow` rule that names none. */
export const DEFAULT_PORTS: readonly number[] = [443, 80];

/**
 * Reads a rule. `list` is the list it stands in, for messages and because `deny` takes no options.
 *
 * @throws {SiloError} that says what is wrong with it and what to write instead.
 */
export function parseRule(source: unknown, list: "allow" | "deny" = "allow"): Rule {
  const { host: text, private: isPrivate, allowNoSni } = fields(source, list);
  const { host: hostPart, port: portPart } = split(text);
  const host = parsePattern(hostPart, text);
  const port = portPart === undefined ? null : parsePort(portPart);
  if (port === undefined) {
    throw wrong(text, `"${portPart}" is not a port`, "A port is a number from 1 to 65535: example.com:8443");
  }
  if (isPrivate && host.kind === "any") {
    throw wrong(text, "private = true needs the name of a host", "Name each private host in a rule of its own.");
  }
  if (list === "allow" && host.kind === "exact" && host.host.kind === "address" && !isPrivate) {
    throw wrong(
      text,
      "an IP address says nothing about who answers there",
      `Name the host instead, or write { host = "${text}", private = true }.`,
    );
  }
  return { host, port, private: isPrivate, allowNoSni, text: ruleText(host, port) };
}

/** Whether the pattern names this host. `*` names all names and no address. */
export function matchesHost(pattern: HostPattern, host: Host): boolean {
  switch (pattern.kind) {
    case "any":
      return host.kind === "name";
    case "exact":
      return hostText(pattern.host) === hostText(host);
    case "under":
      // The dot is what keeps evil-example.com out of *.example.com.
      return host.kind === "name" && host.name.endsWith(`.${pattern.suffix}`);
  }
}

function fields(source: unknown, list: string): { host: string; private: boolean; allowNoSni: boolean } {
  if (typeof source === "string") return { host: source, private: false, allowNoSni: false };
  if (typeof source !== "object" || source === null || Array.isArray(source)) {
    throw wrong(JSON.stringify(source) ?? String(source), "it is neither text nor a table", EXAMPLES);
  }
  const { host, private: isPrivate = false, allowNoSni = false, ...others } = source as Record<string, unknown>;
  if (typeof host !== "string") throw wrong(JSON.stringify(source), "it has no host", EXAMPLES);
  const other = Object.keys(others)[0];
  if (other !== undefined) throw wrong(host, `"${other}" is not a setting of a rule`, "There are private, allowNoSni.");
  if (typeof isPrivate !== "boolean") throw wrong(host, "private is neither true nor false", EXAMPLES);
  if (typeof allowNoSni !== "boolean") throw wrong(host, "allowNoSni is neither true nor false", EXAMPLES);
  if (list === "deny" && (isPrivate || allowNoSni)) {
    throw wrong(host, "a deny rule has no settings", `Write "${host}" alone.`);
  }
  return { host, private: isPrivate, allowNoSni };
}

const EXAMPLES = `Examples: "example.com", "*.example.com", "example.com:8443", { host = "db.corp", private = true }`;

function split(text: string): { host: string; port: string | undefined } {
  if (text.includes("://") || text.includes("/")) {
    throw wrong(text, "it is a URL, and a rule is about a host", EXAMPLES);
  }
  try {
    return splitAuthority(text);
  } catch (error) {
    throw asWrong(text, error);
  }
}

function parsePattern(text: string, rule: string): HostPattern {
  if (text === "*") return { kind: "any" };
  const wildcard = text.startsWith("*.");
  const rest = wildcard ? text.slice(2) : text;
  if (rest.includes("*")) {
    throw wrong(rule, "a star can only stand for the first labels", `Write "*.example.com", or "*" for every host.`);
  }
  try {
    const host = parseHost(rest);
    if (!wildcard) return { kind: "exact", host };
    if (host.kind === "name") return { kind: "under", suffix: host.name };
  } catch (error) {
    throw asWrong(rule, error);
  }
  throw wrong(rule, "an IP address has no names under it", EXAMPLES);
}

function ruleText(host: HostPattern, port: number | null): string {
  const name = host.kind === "any" ? "*" : host.kind === "under" ? `*.${host.suffix}` : hostText(host.host);
  return port === null ? name : `${name}:${port}`;
}

function asWrong(rule: string, error: unknown): unknown {
  return error instanceof Refusal ? wrong(rule, error.message, EXAMPLES) : error;
}

function wrong(rule: string, why: string, hint: string): SiloError {
  return new SiloError(`could not read the network rule ${JSON.stringify(rule)}: ${why}`, { hint });
}
