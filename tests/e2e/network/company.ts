/**
 * Run in a closed network by `closed_network_test.ts`: a company whose proxy is the only way out and wants a password,
 * with a server of its own that NO_PROXY names. Prints what a program in a VM saw, and what the proxy was asked.
 */
import { makeCertificates } from "../../integration/network/certificates.ts";
import { silo } from "../harness.ts";
import { connectProxy } from "./connect_proxy.ts";
import { trustedProject } from "./lab.ts";
import { resolver } from "./resolver.ts";

const INTRANET = "203.0.113.20";

using certificates = makeCertificates("packages.example");
// Names of outside are known to the proxy alone.
using _names = await resolver((name) =>
  ({ "proxy.corp.example": ["127.0.0.1"], "intranet.corp.example": [INTRANET], "inside.example": ["127.0.0.1"] })[name]
);
await using packages = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen() {}, cert: certificates.cert, key: certificates.key },
  ({ url }) => new Response(`packages ${new URL(url).pathname}`),
);
await using _intranet = Deno.serve({ hostname: INTRANET, port: 80, onListen() {} }, () => new Response("intranet"));
await using proxy = await connectProxy({ "packages.example:443": packages.addr.port });

using project = await trustedProject({
  "silo.toml": '[network]\nallow = ["*.example"]\ndeny = ["denied.example"]\n',
  "company.py": Deno.readTextFileSync(new URL("company.py", import.meta.url)),
});
const address = `http://me:p%40ss%20word@proxy.corp.example:${proxy.port}`;
const env = {
  ...{ HTTPS_PROXY: address, HTTP_PROXY: address, NO_PROXY: "localhost,.corp.example" },
  SSL_CERT_FILE: certificates.caPath,
};
const run = await silo(["run", "python", "company.py"], { cwd: project.path, env });
console.log(JSON.stringify({ code: run.code, stdout: run.stdout, stderr: run.stderr, asked: proxy.asked }));
