import { ok, strictEqual as eq } from "node:assert/strict";
import { rememberedCertificates } from "../../../src/engine/remembered_certificates.ts";
import { temporaryDirectory } from "../support.ts";

const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`;

Deno.test("the answer is kept until a file that it was made of changes", () => {
  using directory = temporaryDirectory();
  const file = `${directory.path}/company.pem`;
  const kept = `${directory.path}/home/state/host-certificates.json`;
  const host = { siloHome: `${directory.path}/home`, env: { SSL_CERT_FILE: file } };
  Deno.writeTextFileSync(file, pem("AAAA"));
  ok(rememberedCertificates(host).includes("AAAA"));
  // What is remembered is what is answered.
  Deno.writeTextFileSync(kept, Deno.readTextFileSync(kept).replace("AAAA", "KEPT"));
  ok(rememberedCertificates(host).includes("KEPT"));
  Deno.writeTextFileSync(file, pem("BBBBBBBB"));
  const changed = rememberedCertificates(host);
  ok(changed.includes("BBBBBBBB") && !changed.includes("KEPT"));
  Deno.removeSync(file);
  ok(!rememberedCertificates(host).includes("BBBBBBBB"));
});

Deno.test("half a file, another's file and a home that cannot be written to are no obstacle", () => {
  using directory = temporaryDirectory();
  const kept = `${directory.path}/state/host-certificates.json`;
  const host = { siloHome: directory.path, env: {} };
  const answer = rememberedCertificates(host);
  for (const content of ["", '{"stamps":[', "null", '{"stamps":1,"pem":2}']) {
    Deno.writeTextFileSync(kept, content);
    eq(rememberedCertificates(host), answer);
  }
  eq(rememberedCertificates({ ...host, siloHome: "/proc/none" }), answer);
});
