/** The decision about a host and port, and about the address behind it. */
import { match, ok, strictEqual as eq, throws } from "node:assert/strict";
import fc from "fast-check";
import { SiloError } from "../../../src/errors.ts";
import { composePolicy, isOffline, type NetworkSection, parseMode } from "../../../src/network/policy/compose.ts";
import { parseHost } from "../../../src/network/policy/host_name.ts";
import {
  type Allowed,
  isNameKnown,
  judge,
  judgeAddress,
  type NetworkMode,
  NO_NETWORK,
} from "../../../src/network/policy/policy.ts";

const policy = (section: NetworkSection, mode: NetworkMode = "default") => composePolicy([section], "run", mode);
const decide = (section: NetworkSection, host: string, port = 443, mode: NetworkMode = "default") =>
  judge(policy(section, mode), parseHost(host), port);

Deno.test("no rule, no network", () => {
  ok(!decide({}, "example.com").allowed);
  ok(!judge(NO_NETWORK, parseHost("example.com"), 443).allowed);
  ok(!decide({ allow: ["*"] }, "example.com", 443, "none").allowed);
  ok(isOffline(policy({})) && isOffline(NO_NETWORK) && !isOffline(policy({ hostPorts: [80] })));
});

Deno.test("a rule without a port means 443 and 80, one with a port means that port", () => {
  for (const port of [443, 80]) ok(decide({ allow: ["example.com"] }, "example.com", port).allowed);
  ok(!decide({ allow: ["example.com"] }, "example.com", 22).allowed);
  ok(decide({ allow: ["example.com:22"] }, "example.com", 22).allowed);
  ok(!decide({ allow: ["example.com:22"] }, "example.com", 443).allowed);
  ok(decide({ allow: ["*"] }, "example.com").allowed);
  ok(!decide({ allow: ["*"] }, "example.com", 8443).allowed);
});

Deno.test("only a rule that names the port lets through what is neither TLS nor HTTP", () => {
  const raw = (rule: string, port: number) => (decide({ allow: [rule] }, "example.com", port) as Allowed).raw;
  eq(raw("example.com", 443), false);
  eq(raw("example.com:22", 22), true);
  eq(raw("example.com:443", 443), true);
});

Deno.test("deny beats allow", () => {
  ok(!decide({ allow: ["*.example.com"], deny: ["evil.example.com"] }, "evil.example.com").allowed);
  ok(decide({ allow: ["*.example.com"], deny: ["evil.example.com"] }, "good.example.com").allowed);
  ok(decide({ allow: ["example.com"], deny: ["example.com:80"] }, "example.com", 443).allowed);
  ok(!decide({ allow: ["example.com"], deny: ["example.com:80"] }, "example.com", 80).allowed);
  for (const mode of ["learn", "open"] as const) {
    ok(!decide({ deny: ["example.com"] }, "example.com", 443, mode).allowed);
  }
});

const host = fc.constantFrom("a.com", "b.a.com", "c.b.a.com", "d.org", "8.8.8.8", "host.silo.internal");
const rule = fc.constantFrom("a.com", "*.a.com", "*", "b.a.com:22", "d.org", "*:22", "*.b.a.com:80");
const section = fc.record({
  allow: fc.array(rule, { maxLength: 3 }),
  deny: fc.array(rule, { maxLength: 2 }),
  hostPorts: fc.constantFrom([], [22]),
});
const port = fc.constantFrom(22, 80, 443);

Deno.test("one more deny rule never allows more, one more allow rule never allows less", () => {
  fc.assert(
    fc.property(section, rule, host, port, fc.constantFrom("default", "learn", "open"), (given, more, to, at, mode) => {
      const before = decide(given, to, at, mode as NetworkMode).allowed;
      const denied = decide({ ...given, deny: [...given.deny, more] }, to, at, mode as NetworkMode).allowed;
      const allowed = decide({ ...given, allow: [...given.allow, more] }, to, at, mode as NetworkMode).allowed;
      ok(!denied || before);
      ok(allowed || !before);
    }),
  );
});

Deno.test("the modes open more and more", () => {
  fc.assert(fc.property(section, host, port, (given, to, at) => {
    const [none, normal, learn, open] = (["none", "default", "learn", "open"] as const)
      .map((mode) => decide(given, to, at, mode).allowed);
    ok(!none && (!normal || learn) && learn === open);
  }));
});

Deno.test("a name is known to the guest's DNS exactly if some port of it is allowed", () => {
  fc.assert(fc.property(section, host.filter((name) => name !== "8.8.8.8"), (given, to) => {
    const some = [22, 80, 443].some((at) => decide(given, to, at).allowed);
    // A rule that denies one port alone leaves the name known.
    if (some) ok(isNameKnown(policy(given), to));
    if (!isNameKnown(policy(given), to)) ok(!some);
  }));
});

Deno.test("addresses need a rule that names them and says private", () => {
  ok(!decide({ allow: ["*"] }, "8.8.8.8").allowed);
  const verdict = decide({ allow: [{ host: "10.0.0.5:5432", private: true }] }, "10.0.0.5", 5432);
  ok(verdict.allowed && verdict.private && verdict.allowNoSni);
  ok(decide({}, "8.8.8.8", 443, "open").allowed);
});

Deno.test("a refusal names the command that would allow it", () => {
  const remedy = (host: string, port: number, given: NetworkSection = {}) => {
    const verdict = decide(given, host, port);
    return verdict.allowed ? "allowed" : verdict.remedy;
  };
  eq(remedy("Example.com", 443), "silo config network allow example.com");
  eq(remedy("example.com", 22), "silo config network allow example.com:22");
  eq(remedy("10.0.0.1", 80), 'add { host = "10.0.0.1", private = true } to allow in silo.toml');
  eq(remedy("host.silo.internal", 5432), "add 5432 to hostPorts in silo.toml");
  eq(remedy("a.com", 80, { allow: ["*"], deny: ["a.com"] }), undefined);
});

Deno.test("host services are the listed ports alone, whatever the rules say", () => {
  ok(decide({ hostPorts: [5432] }, "HOST.silo.internal.", 5432).allowed);
  ok(!decide({ hostPorts: [5432] }, "host.silo.internal", 80).allowed);
  ok(!decide({ allow: ["*", "host.silo.internal:80"] }, "host.silo.internal", 80).allowed);
  ok(!decide({ allow: ["*"] }, "host.silo.internal", 80, "open").allowed);
  ok(!decide({ hostPorts: [5432], deny: ["host.silo.internal"] }, "host.silo.internal", 5432).allowed);
});

Deno.test("an address that is not public needs private, and some are never dialled", () => {
  const own = new Set(["203.0.113.9"]);
  const open = decide({ allow: ["a.com"] }, "a.com") as Allowed;
  const named = decide({ allow: [{ host: "a.com", private: true }] }, "a.com") as Allowed;
  eq(judgeAddress(open, "93.184.216.34", own), undefined);
  eq(judgeAddress(open, "203.0.113.8", own), undefined);
  eq(judgeAddress(open, "203.0.113.9", own), "this machine");
  for (
    const address of ["10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "::1", "::ffff:1.1.1.1", "fe80::1"]
  ) {
    ok(judgeAddress(open, address, own), address);
    eq(judgeAddress(named, address, own), undefined, address);
  }
  for (const address of ["0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "nonsense"]) {
    ok(judgeAddress(named, address, own), address);
  }
});

Deno.test("installAllow counts during install alone", () => {
  const given: NetworkSection = { allow: ["a.com"], installAllow: ["b.com"] };
  ok(judge(composePolicy([given], "install"), parseHost("b.com"), 443).allowed);
  ok(!judge(composePolicy([given], "run"), parseHost("b.com"), 443).allowed);
  throws(() => composePolicy([{ installAllow: ["b.com:x"] }], "run"), SiloError);
});

Deno.test("sections unite, equal rules count once", () => {
  const all = composePolicy(
    [{ allow: ["a.com"], hostPorts: [1] }, { allow: ["A.com.", "b.com"], hostPorts: [1, 2] }],
    "run",
  );
  eq(all.allow.map((rule) => rule.text).join(), "a.com,b.com");
  eq(all.hostPorts.join(), "1,2");
  throws(() => composePolicy([{ hostPorts: [0] }], "run"), /0 is not a port/);
});

Deno.test("modes are read by name", () => {
  eq(parseMode("learn"), "learn");
  let error: unknown;
  try {
    parseMode("opne");
  } catch (caught) {
    error = caught;
  }
  ok(error instanceof SiloError);
  match(error.hint!, /none, default, learn, open/);
});
