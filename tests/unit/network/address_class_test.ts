/** Which addresses are the public internet. */
import { ok, strictEqual as eq } from "node:assert/strict";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { canonicalAddress, classify } from "../../../src/network/policy/address_class.ts";
import { isInRange, parseIp, parseRange, renderIp } from "../../../src/network/policy/ip_address.ts";

Deno.test("addresses are classed by where they lead", () => {
  for (
    const [address, kind] of [
      ["8.8.8.8", "public"],
      ["2606:4700::1111", "public"],
      ["192.0.2.1", "public"], // documentation ranges serve as company and test networks
      ["198.51.100.1", "public"],
      ["203.0.113.255", "public"],
      ["2001:db8::1", "public"],
      ["3fff:0fff::1", "public"],
      ["10.0.0.1", "private"],
      ["172.16.0.1", "private"],
      ["172.31.255.255", "private"],
      ["192.168.1.1", "private"],
      ["fd00::1", "private"],
      ["fec0::1", "private"],
      ["127.0.0.1", "loopback"],
      ["127.255.255.254", "loopback"],
      ["::1", "loopback"],
      ["169.254.1.1", "link-local"],
      ["fe80::1", "link-local"],
      ["169.254.169.254", "metadata"],
      ["fd00:ec2::254", "metadata"],
      ["168.63.129.16", "metadata"],
      ["100.64.0.1", "carrier-grade NAT"],
      ["224.0.0.1", "multicast"],
      ["ff02::1", "multicast"],
      ["255.255.255.255", "broadcast"],
      ["0.0.0.0", "unspecified"],
      ["0.1.2.3", "unspecified"],
      ["::", "unspecified"],
      ["198.18.0.1", "reserved"],
      ["240.0.0.1", "reserved"],
      ["192.0.0.1", "reserved"],
      ["::ffff:8.8.8.8", "embedded"],
      ["::ffff:7f00:1", "embedded"],
      ["::127.0.0.1", "embedded"],
      ["::8.8.8.8", "embedded"],
      ["64:ff9b::10.0.0.1", "embedded"],
      ["2002:7f00:1::", "embedded"],
      ["2001:0::1", "embedded"],
      ["4000::1", "reserved"],
      ["64:ff9b:1::1", "embedded"],
      ["fe80::1%eth0", "not an address"],
      ["127.1", "not an address"],
      ["0x7f.0.0.1", "not an address"],
      ["010.0.0.1", "not an address"],
      ["", "not an address"],
      ["example.com", "not an address"],
    ] as const
  ) eq(classify(address), kind, address);
});

Deno.test("no IPv6 address outside 2000::/3 is public", () => {
  fc.assert(fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), (parts) => {
    const kind = classify(parts.map((part) => part.toString(16)).join(":"));
    return kind !== "public" || (parts[0]! >> 13) === 1;
  }));
});

Deno.test("an IPv4 address in IPv6 form is never public", () => {
  fc.assert(fc.property(fc.ipV4(), fc.constantFrom("::ffff:", "::", "64:ff9b::"), (address, prefix) => {
    return classify(prefix + address) !== "public";
  }));
});

Deno.test("every notation of an address has one class and one canonical form", () => {
  eq(canonicalAddress("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  eq(canonicalAddress("1.2.3"), undefined);
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
    const canonical = canonicalAddress(address);
    return canonical === undefined || classify(canonical) === classify(address);
  }));
});

const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
const v6 = groups.map((parts) => parts.map((part) => part.toString(16)).join(":"));
const anyText = fc.string({ unit: fc.constantFrom(..."0123456789abcdefF:::...%x[]".split("")), maxLength: 24 });

Deno.test("addresses are read as ipaddr.js reads them", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), v6, anyText), (text) => {
      // It takes the old ::1.2.3.4 for ::ffff:1.2.3.4; RFC 4291 does not.
      if (/^::\d+\./.test(text)) return;
      const address = parseIp(text);
      const plain = ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(":") && ipaddr.IPv6.isValid(text));
      // It also takes zones and leading zeros, which we do not.
      if (address === undefined) ok(!plain || /%|\b0\d/.test(text), text);
      else eq(renderIp(address), ipaddr.parse(text).toString());
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("what is public here is special to ipaddr.js in no other way than for documentation", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), v6), (text) => {
      const address = ipaddr.parse(text);
      const global = text.includes(":") ? parseIp(text)![0]! >> 5 === 1 : true;
      if (classify(text) === "public") ok(["unicast", "reserved"].includes(address.range()), text);
      else ok(address.range() !== "unicast" || !global, text);
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("ranges match as ipaddr.js matches them", () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4(), v6), fc.nat(128), fc.nat(127), (text, bits, flipped) => {
    const range = parseRange(`${text}/${bits}`);
    if (range === undefined) return ok(!text.includes(":") && bits > 32);
    const other = parseIp(text)!.slice();
    other[(flipped >> 3) % other.length]! ^= 0x80 >> (flipped & 7);
    const expected = ipaddr.parse(renderIp(other)).match(ipaddr.parseCIDR(`${text}/${bits}`));
    eq(isInRange(other, range), expected);
  }));
  for (const bad of ["", "/8", "1.2.3.4", "1.2.3.4/", "1.2.3.4/x", "1.2.3/8", "::/129"]) eq(parseRange(bad), undefined);
});
