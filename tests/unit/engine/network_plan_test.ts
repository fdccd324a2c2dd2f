import { deepStrictEqual as same, match, ok, strictEqual as eq, throws } from "node:assert/strict";
import { decideNetwork } from "../../../src/engine/network_plan.ts";
import { networkEnvironment } from "../../../src/engine/network_environment.ts";
import { fakeHost } from "../support.ts";

const host = fakeHost();

Deno.test("no rule, no network: in a run nothing but allow, hostPorts and hostAccess counts", () => {
  for (const settings of [{}, { allow: [] }, { deny: ["a.com"] }, { installAllow: ["a.com"] }, { hostAccess: false }]) {
    eq(decideNetwork(host, settings), null);
  }
  for (const settings of [{ allow: ["a.com"] }, { hostPorts: [80] }, { hostAccess: true }]) {
    ok(decideNetwork(host, settings));
  }
});

Deno.test("installAllow counts while something is installed, and never in a run", () => {
  const settings = { allow: ["a.com"], installAllow: ["b.com"] };
  const texts = (phase: "run" | "install") =>
    decideNetwork(host, settings, "default", phase)!.policy.allow.map(({ text }) => text);
  same(texts("run"), ["a.com"]);
  same(texts("install"), ["a.com", "b.com"]);
  ok(decideNetwork(host, { installAllow: ["b.com"] }, "default", "install"));
});

Deno.test("--net none takes the network away, learn and open give one without any rule", () => {
  eq(decideNetwork(host, { allow: ["a.com"], hostPorts: [1], hostAccess: true }, "none"), null);
  eq(decideNetwork(host, {}, "learn")!.policy.mode, "learn");
  eq(decideNetwork(host, {}, "open")!.policy.mode, "open");
});

Deno.test("a wrong rule is named", () => {
  throws(() => decideNetwork(host, { allow: ["https://a.com/"] }), /https:\/\/a.com/);
});

Deno.test("the host's authorities are not handed on if that is switched off", () => {
  const plan = decideNetwork(fakeHost({ env: {} }), { allow: ["a.com"], hostCertificates: false });
  eq(plan!.certificates, "");
});

Deno.test("programs are told of the proxy in both cases, and of authorities where there are any", () => {
  same(networkEnvironment(null), {});
  const { policy } = decideNetwork(host, { allow: ["a.com"] })!;
  const plain = networkEnvironment({ policy, certificates: "", secrets: [] });
  for (const name of ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]) {
    eq(plain[name], plain[name.toUpperCase()]);
    ok(plain[name]);
  }
  match(plain.no_proxy!, /\blocalhost\b.*127\.0\.0\.1.*::1/);
  eq(plain.SSL_CERT_FILE, undefined);
  const trusting = networkEnvironment({ policy, certificates: "PEM", secrets: [] });
  for (const name of ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO", "PIP_CERT"]) {
    eq(trusting[name], "/run/silo/ca-bundle.pem");
  }
  eq(trusting.JAVA_TOOL_OPTIONS, "-Djavax.net.ssl.trustStore=/run/silo/ca-bundle.jks");
  eq(trusting.NODE_EXTRA_CA_CERTS, "/run/silo/host-certificates.pem");
});
