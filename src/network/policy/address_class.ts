/**
 * What kind of place an IP address is. Rules are about names; the address that a name leads to is what decides whether
 * a connection stays on the public internet.
 *
 * @module
 */
import { type IpRange, isInRange, parseIp, parseRange, renderIp } from "./ip_address.ts";

/**
 * `public` includes the documentation ranges (RFC 5737, RFC 3849): company and test networks use them for real
 * servers, and nobody else's secrets can be there. `embedded` is an IPv4 address in IPv6 clothes or a transition
 * tunnel: where it ends depends on the network in between.
 */
export type AddressClass =
  | "public"
  | "private"
  | "loopback"
  | "link-local"
  | "metadata"
  | "carrier-grade NAT"
  | "multicast"
  | "broadcast"
  | "unspecified"
  | "embedded"
  | "reserved"
  | "not an address";

/** Services that hand out credentials to whoever asks from inside a cloud's machine. */
const METADATA = new Set([
  "169.254.169.254", // AWS, Azure, Google Cloud, DigitalOcean, OpenStack
  "169.254.170.2", // AWS ECS task credentials
  "169.254.170.23", // AWS EKS pod identity
  "fd00:ec2::254", // AWS over IPv6
  "fd00:ec2::23",
  "fd20:ce::254", // Google Cloud over IPv6
  "100.100.100.200", // Alibaba Cloud
  "168.63.129.16", // Azure's wire server, in a public range
  "192.0.0.192", // Oracle Cloud
]);

/**
 * From the registries of special addresses (RFC 6890 and what IANA added since). The first range that fits counts; an
 * IPv4 address in none of them is public, an IPv6 address only if it is in 2000::/3 (RFC 4291, section 2.4).
 */
const RANGES = [
  ["192.0.2.0/24", "public"], // the documentation ranges
  ["198.51.100.0/24", "public"],
  ["203.0.113.0/24", "public"],
  ["2001:db8::/32", "public"],
  ["3fff::/20", "public"],
  ["0.0.0.0/8", "unspecified"], // Linux takes all of it for this host
  ["10.0.0.0/8", "private"],
  ["172.16.0.0/12", "private"],
  ["192.168.0.0/16", "private"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link-local"],
  ["100.64.0.0/10", "carrier-grade NAT"],
  ["224.0.0.0/4", "multicast"],
  ["255.255.255.255/32", "broadcast"],
  ["192.0.0.0/24", "reserved"],
  ["192.31.196.0/24", "reserved"], // AS112
  ["192.52.193.0/24", "reserved"], // AMT
  ["192.88.99.0/24", "reserved"], // relays of 6to4
  ["192.175.48.0/24", "reserved"], // AS112
  ["198.18.0.0/15", "reserved"], // benchmarks, and our own pool
  ["240.0.0.0/4", "reserved"],
  ["0.0.0.0/0", "public"],
  ["::/128", "unspecified"],
  ["::1/128", "loopback"],
  ["::/96", "embedded"], // IPv4-compatible
  ["::ffff:0:0/96", "embedded"], // IPv4-mapped
  ["::ffff:0:0:0/96", "embedded"], // SIIT
  ["64:ff9b::/96", "embedded"], // NAT64
  ["64:ff9b:1::/48", "embedded"],
  ["2002::/16", "embedded"], // 6to4
  ["2001::/32", "embedded"], // Teredo
  ["2001::/23", "reserved"],
  ["2620:4f:8000::/48", "reserved"], // AS112
  ["fc00::/7", "private"],
  ["fec0::/10", "private"], // site-local, deprecated
  ["fe80::/10", "link-local"],
  ["ff00::/8", "multicast"],
  ["2000::/3", "public"],
  ["::/0", "reserved"],
] as const;

/** Made when it is first asked: runs load this, and few connect to an address before their machine is up. */
let parsed: { range: IpRange; kind: AddressClass }[] | undefined;

/** The class of an address, written in its usual form. Never throws. */
export function classify(text: string): AddressClass {
  const address = parseIp(text);
  if (address === undefined) return "not an address";
  if (METADATA.has(renderIp(address))) return "metadata";
  parsed ??= RANGES.map(([range, kind]) => ({ range: parseRange(range)!, kind }));
  return parsed.find(({ range }) => isInRange(address, range))!.kind;
}

/** What nothing can be reached at by a connection to it alone; no rule opens these. */
export function isNeverDialled(kind: AddressClass): boolean {
  return kind === "multicast" || kind === "broadcast" || kind === "unspecified" || kind === "not an address";
}

/** The canonical form; undefined if it is not one address in plain notation. */
export function canonicalAddress(text: string): string | undefined {
  const address = parseIp(text);
  return address === undefined ? undefined : renderIp(address);
}
