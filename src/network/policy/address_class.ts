/**
 * What kind of place an IP address is. Rules are about names; the address that a name leads to is what decides whether
 * a connection stays on the public internet.
 *
 * @module
 */
import ipaddr from "ipaddr.js";

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

const DOCUMENTATION = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"]
  .map((range) => ipaddr.parseCIDR(range));

/** The names of ipaddr.js, in our words. What is not here is `reserved`. */
const CLASSES: Readonly<Record<string, AddressClass>> = {
  unicast: "public",
  private: "private",
  uniqueLocal: "private",
  deprecatedSiteLocal: "private",
  loopback: "loopback",
  linkLocal: "link-local",
  carrierGradeNat: "carrier-grade NAT",
  multicast: "multicast",
  broadcast: "broadcast",
  unspecified: "unspecified",
  ipv4Mapped: "embedded",
  rfc6145: "embedded",
  rfc6052: "embedded",
  "6to4": "embedded",
  teredo: "embedded",
};

/** The class of an address, written in its usual form. Never throws. */
export function classify(text: string): AddressClass {
  const address = parseAddress(text);
  if (address === undefined) return "not an address";
  if (METADATA.has(address.toString())) return "metadata";
  if (DOCUMENTATION.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits))) {
    return "public";
  }
  const found = CLASSES[address.range()] ?? "reserved";
  // Only 2000::/3 is global unicast (RFC 4291, section 2.4); the library calls all that it does not know "unicast".
  if (found === "public" && address instanceof ipaddr.IPv6 && (address.parts[0]! & 0xe000) !== 0x2000) {
    return address.parts.slice(0, 6).every((part) => part === 0) ? "embedded" : "reserved";
  }
  return found;
}

/** What nothing can be reached at by a connection to it alone; no rule opens these. */
export function isNeverDialled(kind: AddressClass): boolean {
  return kind === "multicast" || kind === "broadcast" || kind === "unspecified" || kind === "not an address";
}

/** The canonical form; undefined if it is not one address in plain notation. */
export function canonicalAddress(text: string): string | undefined {
  return parseAddress(text)?.toString();
}

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text) || !text.includes(":") || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text);
}
