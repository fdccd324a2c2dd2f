/** Names and addresses have one form each, and what programs read differently is no host at all. */
import { deepStrictEqual as same, strictEqual as eq, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  hostText,
  parseHost,
  parsePort,
  parseWireHost,
  splitAuthority,
} from "../../../src/network/policy/host_name.ts";
import { Refusal } from "../../../src/network/refusal.ts";

const text = (host: string) => hostText(parseHost(host));

Deno.test("names are brought to one form", () => {
  for (
    const [given, expected] of [
      ["example.com", "example.com"],
      ["EXAMPLE.Com", "example.com"],
      ["example.com.", "example.com"],
      ["München.de", "xn--mnchen-3ya.de"],
      ["xn--MNCHEN-3ya.de", "xn--mnchen-3ya.de"],
      ["ｅｘａｍｐｌｅ.com", "example.com"],
      ["例え。jp", "xn--r8jz45g.jp"],
      ["_dmarc.my_host.example", "_dmarc.my_host.example"],
      ["r3---sn-abc.googlevideo.com", "r3---sn-abc.googlevideo.com"],
      ["1.2.3.4.example", "1.2.3.4.example"],
      ["127.0.0.1", "127.0.0.1"],
      ["[::1]", "[::1]"],
      ["::FFFF:10.0.0.1", "[::ffff:a00:1]"],
      ["2001:0DB8:0:0::1", "[2001:db8::1]"],
    ] as const
  ) eq(text(given), expected);
});

Deno.test("what is no host, or an address in disguise, is refused", () => {
  for (
    const host of [
      "",
      ".",
      "..",
      "a..b",
      ".a",
      "a.com..",
      "a b",
      "a\tb",
      "a\0.com",
      "a\r\nb",
      "a%2ecom",
      "user@a.com",
      "a.com/x",
      "a.com#x",
      "a.com?x",
      "a\\b",
      "*.com",
      "127.1",
      "0x7f.0.0.1",
      "0x7f000001",
      "2130706433",
      "017700000001",
      "127.0.0.01",
      "127.0.0.1.",
      "１２７.1",
      "256.1.1.1",
      "1.2.3",
      "a.0x",
      "[::1",
      "::1]",
      "[::1%eth0]",
      "[v1.x]",
      "[127.0.0.1]",
      "1:2",
      "xn--a",
      "xn--",
      `${"a".repeat(64)}.com`,
      `${"a.".repeat(130)}com`,
      "é".repeat(2000),
      "\u202ecom.live",
      "ex\u00adample.com\0",
    ]
  ) {
    if (host === "127.0.0.1.") eq(text(host), "127.0.0.1");
    else throws(() => parseHost(host), Refusal, JSON.stringify(host));
  }
});

Deno.test("the guest cannot name hosts outside of ASCII", () => {
  throws(() => parseWireHost("münchen.de"), Refusal);
  throws(() => parseWireHost("a.com\u3002"), Refusal);
  eq(hostText(parseWireHost("A.com.")), "a.com");
});

Deno.test("reading a host never fails in another way, and reading it again changes nothing", () => {
  const labels = fc.array(fc.string({ unit: fc.constantFrom(..."abz019-_.xnAé。:[]%@*".split("")), maxLength: 12 }));
  fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), labels.map((list) => list.join("."))), (host) => {
    let parsed;
    try {
      parsed = parseHost(host);
    } catch (error) {
      return error instanceof Refusal;
    }
    same(parseHost(hostText(parsed)), parsed);
    return /^[a-z0-9._:-]+$/.test(parsed.kind === "name" ? parsed.name : parsed.address);
  }));
});

Deno.test("ports are plain numbers from 1 to 65535", () => {
  eq(parsePort("443"), 443);
  for (const port of ["", "0", "65536", "080", "+80", "8e1", " 80", "80 ", "-1", "99999999999"]) {
    eq(parsePort(port), undefined);
  }
});

Deno.test("an authority is split at its port", () => {
  same(splitAuthority("a.com:80"), { host: "a.com", port: "80" });
  same(splitAuthority("a.com:"), { host: "a.com", port: "" });
  same(splitAuthority("[::1]:80"), { host: "[::1]", port: "80" });
  same(splitAuthority("::1"), { host: "::1", port: undefined });
  throws(() => splitAuthority("[::1]x"), Refusal);
});
