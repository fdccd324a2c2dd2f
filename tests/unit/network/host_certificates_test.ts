import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import { certificatesIn, hostCertificates } from "../../../src/network/host_certificates.ts";

const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`;
const BUNDLE = "/etc/ssl/certs/ca-certificates.crt";
const PUBLIC = "/usr/share/ca-certificates/mozilla";

function files(content: Record<string, string>) {
  return {
    read: (path: string) => content[path] ?? "",
    list: (directory: string) => Object.keys(content).filter((path) => path.startsWith(`${directory}/`)),
  };
}

Deno.test("what the system's bundle has beyond the public authorities was added by the owner", () => {
  const there = files({
    [BUNDLE]: `${pem("AAAA")}\n${pem("BBBB")}\n${pem("CCCC")}\n`,
    [`${PUBLIC}/a.crt`]: pem("AAAA"),
    [`${PUBLIC}/c.crt`]: pem("CC\nCC"),
  });
  eq(hostCertificates({}, there), `${pem("BBBB")}\n`);
});

Deno.test("without a list of the public ones, only what was added by name counts", () => {
  const there = files({
    [BUNDLE]: pem("AAAA"),
    "/usr/local/share/ca-certificates/corp.crt": pem("BBBB"),
    "/usr/local/share/ca-certificates/notes.txt": pem("CCCC"),
    "/home/me/proxy.pem": `my proxy\n${pem("DDDD")}\n${pem("BBBB")}`,
  });
  const env = { SSL_CERT_FILE: BUNDLE, NODE_EXTRA_CA_CERTS: "/home/me/proxy.pem" };
  eq(hostCertificates(env, there), `${pem("DDDD")}\n${pem("BBBB")}\n`);
});

Deno.test("a host with nothing added, and files that are not there, add nothing", () => {
  eq(hostCertificates({ SSL_CERT_FILE: "/nowhere", NODE_EXTRA_CA_CERTS: "relative.pem" }, files({})), "");
  eq(hostCertificates({}, files({ [BUNDLE]: pem("AAAA"), [`${PUBLIC}/a.crt`]: pem("AAAA") })), "");
});

Deno.test("only certificates are taken out of a file, never a key or what looks like one", () => {
  const key = "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----";
  same(certificatesIn(`${key}\n${pem("AAAA")}\n${key}`), [pem("AAAA")]);
  same(certificatesIn("-----BEGIN CERTIFICATE-----\n\0\x1b[2J\n-----END CERTIFICATE-----"), []);
});

Deno.test("what is handed to the guest is bounded", () => {
  const many = Array.from({ length: 4_000 }, (_, i) => pem(String(i).padStart(1_000, "A"))).join("\n");
  eq(hostCertificates({ SSL_CERT_FILE: "/x" }, files({ "/x": many })).length <= 1 << 20, true);
});
