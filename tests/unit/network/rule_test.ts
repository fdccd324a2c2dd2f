/** Rules: what they may look like, and that they match whole labels. */
import { match, ok, strictEqual as eq } from "node:assert/strict";
import fc from "fast-check";
import { SiloError } from "../../../src/errors.ts";
import { parseHost } from "../../../src/network/policy/host_name.ts";
import { matchesHost, parseRule } from "../../../src/network/policy/rule.ts";

const matches = (rule: string, host: string) => matchesHost(parseRule(rule).host, parseHost(host));

Deno.test("a pattern matches whole labels", () => {
  ok(matches("example.com", "Example.COM."));
  ok(!matches("example.com", "www.example.com"));
  ok(matches("*.example.com", "www.example.com"));
  ok(matches("*.example.com", "a.b.example.com"));
  ok(!matches("*.example.com", "example.com"));
  ok(!matches("*.example.com", "evil-example.com"));
  ok(!matches("*.example.com", "www.example.com.evil.net"));
  ok(!matches("example.com", "example.com.evil.net"));
  ok(matches("MÜNCHEN.de", "xn--mnchen-3ya.de"));
  ok(matches("*", "example.com"));
  ok(!matches("*", "8.8.8.8"));
});

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/).filter((text) => !text.startsWith("xn--"));
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));

Deno.test("*.suffix matches exactly the names with more labels before it", () => {
  fc.assert(fc.property(name, name, label, (suffix, other, extra) => {
    fc.pre(!`${extra}${suffix}`.startsWith("xn--")); // "x" before "n--0.a": no name, but a wrong international one
    const rule = `*.${suffix}`;
    ok(matches(rule, `${other}.${suffix}`));
    ok(!matches(rule, suffix));
    ok(!matches(rule, `${extra}${suffix}`) || `${extra}${suffix}`.endsWith(`.${suffix}`));
    eq(matches(rule, other), other.endsWith(`.${suffix}`));
    eq(matches(suffix, other), suffix === other);
  }));
});

Deno.test("case and a trailing dot make no difference", () => {
  fc.assert(fc.property(name, name, (rule, host) => {
    for (const pattern of [rule, `*.${rule}`]) {
      const expected = matches(pattern, host);
      eq(matches(pattern.toUpperCase(), host), expected);
      eq(matches(pattern, `${host.toUpperCase()}.`), expected);
    }
  }));
});

Deno.test("equal rules have equal texts", () => {
  eq(parseRule("EXAMPLE.com.:8443").text, "example.com:8443");
  eq(parseRule("*.Example.com").text, "*.example.com");
  eq(parseRule("*:22").text, "*:22");
  eq(parseRule({ host: "[::1]:80", private: true }).text, "[::1]:80");
  eq(parseRule({ host: "::1", private: true }).text, "[::1]");
});

Deno.test("a rule that is wrong says what is wrong and what to write", () => {
  for (
    const [rule, why] of [
      ["", /empty/],
      ["https://example.com", /URL/],
      ["example.com/path", /URL/],
      ["example.com:0", /not a port/],
      ["example.com:http", /not a port/],
      ["example.com:", /not a port/],
      ["a.*.com", /star/],
      ["*example.com", /star/],
      ["**", /star/],
      ["*.10.0.0.1", /no names under it/],
      ["10.0.0.1", /who answers/],
      ["[::1]:80", /who answers/],
      ["127.1", /plain IPv4/],
      ["exa mple.com", /label/],
      [7, /neither text nor a table/],
      [null, /neither text nor a table/],
      [["a"], /neither text nor a table/],
      [{}, /no host/],
      [{ host: "a.com", privat: true }, /"privat" is not a setting/],
      [{ host: "a.com", private: 1 }, /private is neither/],
      [{ host: "a.com", allowNoSni: "yes" }, /allowNoSni is neither/],
      [{ host: "*", private: true }, /needs the name/],
    ] as const
  ) {
    let error: unknown;
    try {
      parseRule(rule);
    } catch (caught) {
      error = caught;
    }
    ok(error instanceof SiloError, JSON.stringify(rule));
    match(error.message, /^could not read the network rule /);
    match(error.message, why);
    ok(error.hint);
  }
});

Deno.test("a deny rule may name an address and takes no settings", () => {
  eq(parseRule("10.0.0.1", "deny").text, "10.0.0.1");
  let message = "";
  try {
    parseRule({ host: "a.com", private: true }, "deny");
  } catch (error) {
    message = (error as Error).message;
  }
  match(message, /no settings/);
});

Deno.test("reading any value as a rule gives a rule or an error for a person", () => {
  fc.assert(fc.property(fc.anything(), (value) => {
    try {
      parseRule(value);
    } catch (error) {
      return error instanceof SiloError;
    }
    return true;
  }));
});
