/**
 * Host names and addresses as they are written in rules and requests, brought to one form, so that two names are the
 * same host exactly if their texts are equal.
 *
 * @module
 */
import { Refusal } from "../refusal.ts";
import { parseIp, renderIp } from "./ip_address.ts";

/** Whom a connection is for. */
export type Host =
  /** Lower case, ASCII, without a trailing dot, at most 253 characters. */
  | { readonly kind: "name"; readonly name: string }
  /** In its canonical form, without brackets. */
  | { readonly kind: "address"; readonly address: string };

const MAX_NAME = 253;
const LABEL = /^[a-z0-9_-]{1,63}$/;

/**
 * Reads a host: a name (also an international one), an IPv4 address, or an IPv6 address with or without brackets.
 *
 * @throws {Refusal} `name`, if it is none. Addresses in notations that programs read differently (`127.1`,
 * `0x7f000001`, `017700000001`, zone ids) are none.
 */
export function parseHost(text: string): Host {
  if (text.length > 4 * MAX_NAME) throw refused(text.slice(0, 40) + "…", "it is too long");
  if (text.startsWith("[") || text.includes(":")) return parseIPv6(text);
  const name = toAscii(text.endsWith(".") ? text.slice(0, -1) : text);
  if (name === "") throw refused(text, "it is empty or not a valid international name");
  if (name.length > MAX_NAME) throw refused(text, "it is longer than 253 characters");
  const labels = name.split(".");
  // A name that ends in a number is an address to most programs (URL standard, "ends in a number").
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1)!)) return parseIPv4(text, name);
  const bad = labels.find((label) => !LABEL.test(label));
  if (bad !== undefined) {
    throw refused(text, bad === "" ? "it has an empty label" : `"${bad}" is not a label of a name`);
  }
  return { kind: "name", name };
}

/** Like {@link parseHost}, for bytes of the guest: international names come in their ASCII form there. */
export function parseWireHost(text: string): Host {
  if (/[^\x21-\x7e]/.test(text)) throw refused(text, "it has characters that no host name has");
  return parseHost(text);
}

/** Reads `443`; undefined if it is not a port between 1 and 65535. */
export function parsePort(text: string): number | undefined {
  if (!/^[1-9]\d{0,4}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65_535 ? port : undefined;
}

/** As it stands in a URL: IPv6 addresses in brackets. */
export function hostText(host: Host): string {
  if (host.kind === "name") return host.name;
  return host.address.includes(":") ? `[${host.address}]` : host.address;
}

export function sameHost(a: Host, b: Host): boolean {
  return hostText(a) === hostText(b);
}

/** Splits `host`, `host:port`, `[::1]` and `[::1]:port`; the port's text is undefined if there is no colon. */
export function splitAuthority(text: string): { host: string; port: string | undefined } {
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    const rest = text.slice(end + 1);
    if (end < 0 || (rest !== "" && !rest.startsWith(":"))) throw refused(text, "its brackets are not closed");
    return { host: text.slice(0, end + 1), port: rest === "" ? undefined : rest.slice(1) };
  }
  const colon = text.indexOf(":");
  if (colon < 0 || colon !== text.lastIndexOf(":")) return { host: text, port: undefined };
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function toAscii(text: string): string {
  const lower = text.toLowerCase();
  if (/^[a-z0-9._-]*$/.test(lower) && !/(?:^|\.)xn--/.test(lower)) return lower;
  // Only what the URL parser takes for a part of the host may get there; the rest is judged label by label later.
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x2c\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]/.test(lower)) return lower;
  try {
    return new URL(`http://${lower}.invalid/`).hostname.replace(/\.invalid$/, "");
  } catch {
    return "";
  }
}

function parseIPv4(text: string, name: string): Host {
  if (parseIp(name) === undefined) throw refused(text, "it ends in a number and is no plain IPv4 address");
  return { kind: "address", address: name };
}

function parseIPv6(text: string): Host {
  const inner = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const address = inner.includes(":") ? parseIp(inner) : undefined;
  if (address === undefined) throw refused(text, "it is no IPv6 address");
  return { kind: "address", address: renderIp(address) };
}

function refused(text: string, why: string): Refusal {
  return new Refusal("name", `"${text}" is not a host: ${why}`);
}
