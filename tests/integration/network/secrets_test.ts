/** Secrets with real TLS on both sides: curl and node as the guest's programs, servers on loopback as their hosts. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { Authority } from "../../../src/network/secrets/authority.ts";
import { placeholderFor } from "../../../src/network/secrets/placeholder.ts";
import { Secret } from "../../../src/network/secrets/secret.ts";
import { Vault } from "../../../src/network/secrets/vault.ts";
import { HAS_OPENSSL, hasProgram, makeCertificates } from "./certificates.ts";
import { Client, PUBLIC, testEgress } from "./harness.ts";

const VALUE = "npm_0123456789abcdefghijABCDEFGHIJ012345";
const ignore = !HAS_OPENSSL || !hasProgram("curl");

interface Seen {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A server that writes down what it was asked, and says all of it back. */
function tellingServer(options: { cert: string; key: string }) {
  const seen: Seen[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {}, ...options }, async (request) => {
    if (request.headers.get("upgrade") === "websocket") {
      const told = request.headers.get("authorization");
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = () => socket.send(`you are ${told}`);
      return response;
    }
    const { pathname, search } = new URL(request.url);
    const said = { url: pathname + search, headers: Object.fromEntries(request.headers), body: await request.text() };
    seen.push(said);
    const headers: Record<string, string> = { "x-echo": request.headers.get("authorization") ?? "" };
    if (pathname === "/pieces") {
      // Each byte by itself: no piece has the value.
      const stream = ReadableStream.from((async function* () {
        for (const byte of new TextEncoder().encode(JSON.stringify(said))) yield Uint8Array.of(byte);
      })());
      return new Response(stream, { headers });
    }
    if (pathname === "/gzip" && request.headers.get("accept-encoding") === "gzip") {
      return new Response(new Uint8Array(gzipSync(JSON.stringify(said))), {
        headers: { ...headers, "content-encoding": "gzip" },
      });
    }
    return new Response(JSON.stringify(said), { headers });
  });
  return { seen, port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** An egress with one secret for secret.test; other.test is allowed beside it. */
async function setUp(
  certificates: { ca: string; cert: string; key: string },
  trusted = [certificates.ca],
  hosts = ["secret.test"],
  allow = ["secret.test", "other.test"],
) {
  const server = tellingServer(certificates);
  const secret = new Secret("NPM_TOKEN", placeholderFor(VALUE), hosts, VALUE);
  const vault = new Vault([secret], Date.now(), trusted);
  const names = { "secret.test": [[PUBLIC]], "other.test": [[PUBLIC]] };
  const egress = testEgress({ allow }, {
    names,
    servers: { [`${PUBLIC}:443`]: server.port },
  }, {
    secrets: vault,
  });
  const bundle = await Deno.makeTempFile({ suffix: ".pem" });
  await Deno.writeTextFile(bundle, vault.certificate);
  const curl = async (...args: string[]) => {
    const all = ["-sS", "-i", "--max-time", "20", "--noproxy", "", "--proxy", `http://127.0.0.1:${egress.port}`];
    const { code, stdout, stderr } = await new Deno.Command("curl", {
      args: [...all, "--cacert", bundle, ...args],
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH")! },
    }).output();
    return { code, text: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  };
  return {
    ...egress,
    secret,
    vault,
    bundle,
    curl,
    seen: server.seen,
    async [Symbol.asyncDispose]() {
      await egress[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await Deno.remove(bundle);
    },
  };
}

Deno.test({ name: "the host gets the value in every place, and the guest never does", ignore }, async () => {
  using certificates = makeCertificates("secret.test", "other.test");
  await using t = await setUp(certificates);
  const p = t.secret.placeholder;
  for (const path of ["/", "/pieces", "/gzip"]) {
    const { text, stderr } = await t.curl(
      ...["--compressed", "-H", `Authorization: Bearer ${p}`, "-H", `X-Other: ${p}`],
      ...["--json", JSON.stringify({ token: p })],
      `https://secret.test${path}?key=${p}`,
    );
    match(text, /HTTP\/1.1 200/, stderr);
    const seen = t.seen.pop()!;
    eq(seen.url, `${path}?key=${VALUE}`);
    eq(seen.headers.authorization, `Bearer ${VALUE}`);
    eq(seen.headers["x-other"], VALUE);
    eq(seen.headers.host, "secret.test");
    eq(seen.body, JSON.stringify({ token: VALUE }));
    ok(!text.includes(VALUE), text);
    // What the guest reads is what it wrote.
    ok(text.includes(`x-echo: Bearer ${p}`), text);
    eq(JSON.parse(text.slice(text.indexOf("\r\n\r\n", text.indexOf("200 OK")) + 4)).body, JSON.stringify({ token: p }));
  }
  const { text } = await t.curl("-u", `me:${p}`, "https://secret.test/");
  eq(t.seen.pop()!.headers.authorization, `Basic ${btoa(`me:${VALUE}`)}`);
  ok(!text.includes(btoa(`me:${VALUE}`).slice(4, -4)), text);
});

Deno.test({ name: "a rule that lets anything be spoken on the port changes nothing", ignore }, async () => {
  using certificates = makeCertificates("secret.test", "other.test");
  await using t = await setUp(certificates, [certificates.ca], ["secret.test:443"], ["secret.test:443"]);
  const { text, stderr } = await t.curl("-H", `Authorization: ${t.secret.placeholder}`, "https://secret.test/");
  match(text, /HTTP\/1.1 200/, stderr);
  eq(t.seen.pop()!.headers.authorization, VALUE);
});

Deno.test({ name: "other hosts get the placeholder, end to end", ignore }, async () => {
  using certificates = makeCertificates("secret.test", "other.test");
  await using t = await setUp(certificates);
  const url = "https://other.test/";
  const args = ["-H", `Authorization: ${t.secret.placeholder}`, url];
  eq((await t.curl(...args)).code, 60); // the run's authority does not vouch for it
  const { code } = await t.curl("--cacert", certificates.caPath, ...args);
  eq(code, 0);
  eq(t.seen.pop()!.headers.authorization, t.secret.placeholder);
  // Nor does a request that only names the secret's host.
  const { text } = await t.curl("--cacert", certificates.caPath, "-H", "Host: secret.test", ...args);
  ok(!text.includes(VALUE));
  // Plain HTTP is never given it: there is no server at port 80 here, and nothing else is dialled.
  await t.curl("-H", `Authorization: ${t.secret.placeholder}`, "http://secret.test/");
  ok(t.dialled.every((target) => target === `${PUBLIC}:443` || target === `${PUBLIC}:80`));
});

Deno.test({ name: "a host that cannot prove who it is gets nothing, and the guest is told why", ignore }, async () => {
  using certificates = makeCertificates("other.test");
  for (const trusted of [[certificates.ca], []]) {
    await using t = await setUp(certificates, trusted);
    const { text } = await t.curl("-H", `Authorization: ${t.secret.placeholder}`, "https://secret.test/");
    match(text, /HTTP\/1.1 502 [^]*no TLS with secret.test: .*certificate/);
    same(t.seen, []);
  }
});

Deno.test(
  { name: "a request for another host, smuggled or by name, is refused inside the connection", ignore },
  async () => {
    using certificates = makeCertificates("secret.test", "other.test");
    await using t = await setUp(certificates);
    const header = `Authorization: ${t.secret.placeholder}`;
    for (const args of [["-H", "Host: other.test"], ["--request-target", "https://other.test/"]]) {
      const { text } = await t.curl("-H", header, ...args, "https://secret.test/");
      match(text, /HTTP\/1.1 40[03]/);
    }
    eq((await t.curl("--connect-to", "secret.test:443:other.test:443", "-H", header, "https://secret.test/")).code, 35);
    same(t.seen, []);
  },
);

Deno.test({ name: "a large upload keeps its length, and a large answer comes whole", ignore }, async () => {
  using certificates = makeCertificates("secret.test");
  await using t = await setUp(certificates);
  const upload = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(upload, `${"x".repeat(7_000_000)}${t.secret.placeholder}`);
    const type = "Content-Type: text/plain";
    const { text } = await t.curl("-H", type, "--data-binary", `@${upload}`, "https://secret.test/");
    const { body, headers } = t.seen.pop()!;
    eq(headers["content-length"], String(7_000_000 + t.secret.placeholder.length));
    eq(body.slice(-VALUE.length), VALUE);
    ok(text.includes(t.secret.placeholder) && !text.includes(VALUE));
    ok(text.length > 7_000_000);
  } finally {
    await Deno.remove(upload);
  }
});

Deno.test({ name: "a WebSocket begins with the value and never says it", ignore }, async () => {
  using certificates = makeCertificates("secret.test");
  await using t = await setUp(certificates);
  const request = [
    "GET /socket HTTP/1.1",
    "Host: secret.test",
    `Authorization: ${t.secret.placeholder}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Extensions: permessage-deflate",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ].join("\r\n");
  const tunnel = await Deno.connect({ hostname: "127.0.0.1", port: t.port });
  await tunnel.write(new TextEncoder().encode("CONNECT secret.test:443 HTTP/1.1\r\nHost: secret.test:443\r\n\r\n"));
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    const byte = new Uint8Array(1);
    await tunnel.read(byte);
    head += String.fromCharCode(byte[0]!);
  }
  const caCerts = [t.vault.certificate];
  const client = new Client(await Deno.startTls(tunnel, { hostname: "secret.test", caCerts }));
  await client.send(`${request}\r\n\r\n`);
  ok(!/sec-websocket-extensions/i.test(await client.expect(/101 [^]*?\r\n\r\n/)));
  await client.send(Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 104, 105)); // a text frame, masked with zeros: "hi"
  const message = `you are ${t.secret.placeholder}`;
  eq((await client.take(2 + message.length)).slice(2), message);
  client.close();
});

Deno.test(
  { name: "a client that does not trust the run's authority is not served, and nothing is left open", ignore },
  async () => {
    using certificates = makeCertificates("secret.test");
    await using t = await setUp(certificates);
    eq((await t.curl("--cacert", certificates.caPath, "https://secret.test/")).code, 60);
    // Ends in the middle of a handshake.
    for (let i = 0; i < 20; i++) {
      const client = await t.connect();
      await client.send("CONNECT secret.test:443 HTTP/1.1\r\nHost: secret.test:443\r\n\r\n");
      await client.expect(/200[^]*\r\n\r\n/);
      await client.send(Uint8Array.of(22, 3, 1, 0, 4, 1, 0, 0));
      client.close();
    }
    match((await t.curl("https://secret.test/")).text, /200/);
  },
);

Deno.test(
  { name: "the authority vouches for the hosts of secrets alone, as openssl sees it", ignore: !HAS_OPENSSL },
  async () => {
    const directory = await Deno.makeTempDir();
    try {
      const authority = new Authority(["npmjs.org", "a.test"], Date.now());
      const server = async (host: string) => {
        const { createServer } = await import("node:tls");
        const listening = createServer({ SNICallback: (_, done) => done(null, authority.contextFor(host)) });
        await new Promise<void>((done) => listening.listen(0, "127.0.0.1", done));
        const { port } = listening.address() as { port: number };
        const args = ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", host, "-verify_hostname", host];
        const ca = `${directory}/ca.pem`;
        await Deno.writeTextFile(ca, authority.pem);
        const { stdout } = await new Deno.Command("openssl", {
          args: [...args, "-CAfile", ca, "-verify_return_error", "-x509_strict"],
          stdin: "null",
          stderr: "null",
        }).output();
        await new Promise<void>((done) => listening.close(() => done()));
        return /Verify return code: (.*)/.exec(new TextDecoder().decode(stdout))?.[1];
      };
      eq(await server("packages.npmjs.org"), "0 (ok)");
      eq(await server("a.test"), "0 (ok)");
      eq(await server("evil.test"), "47 (permitted subtree violation)");
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);
