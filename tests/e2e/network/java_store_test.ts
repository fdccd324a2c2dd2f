/** The trust store that Java's programs get in a VM: what the PEM bundle has, the host's own authority among it. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { hasProgram, makeCertificates } from "../../integration/network/certificates.ts";
import { silo } from "../harness.ts";
import { trustedProject } from "./lab.ts";

Deno.test("Java's trust store has every authority of the bundle, and those of the host", async () => {
  using certificates = makeCertificates("a.example");
  using project = await trustedProject({ "silo.toml": '[network]\nallow = ["a.example"]\n' });
  const script = "cp /run/silo/ca-bundle.jks /run/silo/ca-bundle.pem . && echo $JAVA_TOOL_OPTIONS";
  const env = { SSL_CERT_FILE: certificates.caPath };
  const { stdout, stderr } = await silo(["shell", "python", "-c", script], { cwd: project.path, env });
  eq(stdout, "-Djavax.net.ssl.trustStore=/run/silo/ca-bundle.jks\n", stderr);
  const bundle = certificatesOf(Deno.readTextFileSync(`${project.path}/ca-bundle.pem`));
  const store = readStore(Deno.readFileSync(`${project.path}/ca-bundle.jks`));
  same(store, bundle);
  ok(store.includes(certificatesOf(certificates.ca)[0]!) && store.length > 50, `${store.length} authorities`);
  if (!hasProgram("keytool")) return;
  // Java itself, where there is one.
  const listed = new Deno.Command("keytool", {
    args: ["-list", "-keystore", `${project.path}/ca-bundle.jks`],
    stdin: "null",
  }).outputSync();
  match(new TextDecoder().decode(listed.stdout), new RegExp(`contains ${store.length} entries`));
});

/** The certificates of a PEM file, Base64. */
function certificatesOf(pem: string): string[] {
  const blocks = pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g);
  return [...blocks].map(([, body]) => body!.replaceAll(/\s/g, ""));
}

/** The certificates of a JKS file, Base64: what `sun.security.provider.JavaKeyStore` reads. */
function readStore(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const number = () => view.getUint32((at += 4) - 4);
  const text = () => {
    const length = view.getUint16((at += 2) - 2);
    return new TextDecoder().decode(bytes.subarray(at, at += length));
  };
  same([number(), number()], [0xfeedfeed, 2]);
  const found = Array.from({ length: number() }, () => {
    eq(number(), 2);
    text(); // the alias
    at += 8; // when it was made
    eq(text(), "X.509");
    const length = number();
    return bytes.subarray(at, at += length).toBase64();
  });
  eq(bytes.length - at, 20);
  return found;
}
