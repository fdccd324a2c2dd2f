/** A secret in a real machine: npm uses it against a registry that asks for it, and root cannot find it anywhere. */
import { ok, strictEqual as eq } from "node:assert/strict";
import { createHash } from "node:crypto";
import { makeCertificates } from "../../integration/network/certificates.ts";
import { silo } from "../harness.ts";
import { ensureLab, LAB, trustedProject } from "./lab.ts";

const VALUE = "npm_s3cr3tS3cr3tS3cr3tS3cr3tS3cr3tS3cr3t";

Deno.test("npm installs with a token that is nowhere in its sandbox", async () => {
  await ensureLab();
  using certificates = makeCertificates("host.silo.internal");
  await using registry = privateRegistry(certificates);
  const host = `host.silo.internal:${registry.port}`;
  using project = await trustedProject({
    "silo.toml": [
      "[network]",
      `hostPorts = [${registry.port}]`,
      "[secrets]",
      `NPM_TOKEN = { from = "env:NPM_TOKEN", hosts = ["${host}"] }`,
    ].join("\n"),
    ".npmrc": `registry=https://${host}/\n//${host}/:_authToken=\${NPM_TOKEN}\nupdate-notifier=false\n`,
    "package.json": JSON.stringify({ name: "app", version: "1.0.0", dependencies: { "private-thing": "1.0.0" } }),
    "hunt.py": Deno.readTextFileSync(new URL("hunt.py", import.meta.url)),
  });
  const beginning = Array.from(new TextEncoder().encode(VALUE.slice(0, 16)), (byte) => byte ^ 0x5a);
  const disguised = beginning.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const script = [
    "set -e",
    "npm whoami",
    "npm install --no-audit --no-fund >/dev/null",
    "cat node_modules/private-thing/index.js",
    'echo "$NPM_TOKEN"',
    `python3 hunt.py ${disguised} ${createHash("sha256").update(VALUE).digest("hex")} ${VALUE.length}`,
  ].join("\n");
  const bundle = `${project.path}-ca.pem`;
  Deno.writeTextFileSync(bundle, certificates.ca);
  try {
    const env = { NPM_TOKEN: VALUE, SSL_CERT_FILE: bundle };
    const run = await silo(["shell", "--user", "root", "--timing", LAB, "-c", script], { cwd: project.path, env });
    eq(run.code, 0, run.stdout + run.stderr);
    const [who, code, placeholder, found] = run.stdout.trim().split("\n");
    eq(who, "somebody");
    eq(code, "module.exports = 42;");
    ok(/^npm_[A-Za-z0-9]{36}$/.test(placeholder!) && placeholder !== VALUE, placeholder);
    const { environments, memory } = JSON.parse(found!);
    eq(environments[0] + memory[0], 0, "the value is in the guest");
    ok(environments[1] > 0 && memory[1] > 0, "the hunt finds nothing at all, not even the placeholder");
    ok(!`${run.stdout}${run.stderr}`.includes(VALUE));
    ok(registry.tokens.length > 2 && registry.tokens.every((token) => token === `Bearer ${VALUE}`));
    const files = JSON.stringify([...walk(project.path)].map((path) => Deno.readTextFileSync(path)));
    ok(!files.includes(VALUE));
  } finally {
    Deno.removeSync(bundle);
  }
});

function* walk(directory: string): Generator<string> {
  for (const entry of Deno.readDirSync(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) yield* walk(path);
    else if (entry.isFile) yield path;
  }
}

/** A registry with one package, for those who have the token; it says the token back wherever it can. */
function privateRegistry(options: { cert: string; key: string }) {
  const tokens: string[] = [];
  const tarball = packTarball();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {}, ...options }, (request) => {
    const token = request.headers.get("authorization") ?? "";
    tokens.push(token);
    const headers = { "x-you-sent": token };
    if (token !== `Bearer ${VALUE}`) return new Response("who are you?", { status: 401 });
    const { pathname, host } = new URL(request.url);
    if (pathname === "/-/whoami") return Response.json({ username: "somebody", token }, { headers });
    if (pathname.endsWith(".tgz")) return new Response(tarball.slice(), { headers });
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    const dist = { tarball: `https://${host}/private-thing/-/private-thing-1.0.0.tgz`, integrity };
    const version = { name: "private-thing", version: "1.0.0", description: `for ${token}`, dist };
    const packument = { name: "private-thing", "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } };
    return Response.json(packument, { headers });
  });
  return { tokens, port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

function packTarball(): Uint8Array {
  const directory = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${directory}/package`);
    Deno.writeTextFileSync(`${directory}/package/package.json`, `{"name":"private-thing","version":"1.0.0"}`);
    Deno.writeTextFileSync(`${directory}/package/index.js`, "module.exports = 42;\n");
    const { success, stdout } = new Deno.Command("tar", { args: ["-cz", "package"], cwd: directory }).outputSync();
    ok(success);
    return stdout;
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}
