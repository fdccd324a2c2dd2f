/** Real clients and servers through the egress: curl, git, Deno's own; TLS, HTTP/2, WebSocket, a company's proxy. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import * as tls from "node:tls";
import { upstreamProxies } from "../../../src/network/dial/upstream_proxy.ts";
import { HAS_OPENSSL, hasProgram, makeCertificates } from "./certificates.ts";
import { Client, httpServer, PUBLIC, tcpServer, testEgress } from "./harness.ts";

const ignoreCurl = !HAS_OPENSSL || !hasProgram("curl");
const ignoreGit = !HAS_OPENSSL || !hasProgram("git");

async function program(name: string, args: string[], env: Record<string, string> = {}) {
  // Nothing of this machine's settings: they could name other proxies and authorities.
  const clean = { PATH: Deno.env.get("PATH")!, LC_ALL: "C", ...env };
  const options = { args, env: clean, clearEnv: true, stdin: "null" } as const;
  const command = new Deno.Command(name, { ...options, signal: AbortSignal.timeout(30_000) });
  const { code, stdout, stderr } = await command.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}
const curl = (port: number, ...args: string[]) =>
  program("curl", [
    "--silent",
    "--show-error",
    "--max-time",
    "20",
    "--noproxy",
    "",
    "--proxy",
    `http://127.0.0.1:${port}`,
    ...args,
  ]);

/** A web server with TLS and HTTP/2 that says what was asked of it. */
function webServer(options: { cert: string; key: string } | Record<never, never>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {}, ...options }, async (request) => {
    if (request.headers.get("upgrade") === "websocket") {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => socket.send(`echo ${data}`);
      return response;
    }
    const { pathname, host } = new URL(request.url);
    return new Response(`${request.method} ${host} ${pathname} ${(await request.bytes()).length}`);
  });
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}
const world = (port: number) => ({
  names: { "a.com": [[PUBLIC]], "b.com": [[PUBLIC]] },
  servers: { [`${PUBLIC}:443`]: port, [`${PUBLIC}:80`]: port },
});

Deno.test({ name: "curl: HTTPS with HTTP/1.1 and HTTP/2, and a large upload", ignore: ignoreCurl }, async () => {
  using certificates = makeCertificates("a.com", "b.com");
  await using server = webServer({ cert: certificates.cert, key: certificates.key });
  await using t = testEgress({ allow: ["a.com"] }, world(server.port));
  const upload = await Deno.makeTempFile();
  await Deno.writeFile(upload, new Uint8Array(5_000_000));
  try {
    for (const [flag, version] of [["--http1.1", "1.1"], ["--http2", "2"]] as const) {
      const args = [
        flag,
        "--cacert",
        certificates.caPath,
        "--write-out",
        " %{http_version}",
        "--data-binary",
        `@${upload}`,
      ];
      const { stdout, stderr } = await curl(t.port, ...args, "https://a.com/x");
      eq(stdout, `POST a.com /x 5000000 ${version}`, stderr);
    }
  } finally {
    await Deno.remove(upload);
  }
});

Deno.test({ name: "curl: a refused host fails at once and says why", ignore: ignoreCurl }, async () => {
  await using t = testEgress({ allow: ["a.com"] }, world(1));
  const https = await curl(t.port, "https://b.com/");
  eq(https.code, 56); // CONNECT failed
  match(https.stderr, /403/);
  const http = await curl(t.port, "--write-out", "%{http_code}", "http://b.com/");
  eq(http.stdout, "silo: host b.com is not allowed; silo config network allow b.com\n403");
  same(t.dialled, []);
});

Deno.test(
  { name: "curl: SOCKS5 with the name and TLS inside, and a lie about the name", ignore: ignoreCurl },
  async () => {
    using certificates = makeCertificates("a.com", "b.com");
    await using server = webServer({ cert: certificates.cert, key: certificates.key });
    await using t = testEgress({ allow: ["a.com"] }, world(server.port));
    const proxy = ["--proxy", `socks5h://127.0.0.1:${t.port}`, "--cacert", certificates.caPath];
    match((await curl(t.port, ...proxy, "https://a.com/x")).stdout, /^GET a.com \/x 0$/);
    // Asks for a.com, and says b.com in TLS: domain fronting.
    const lie = await curl(
      t.port,
      "--cacert",
      certificates.caPath,
      "--connect-to",
      "b.com:443:a.com:443",
      "https://b.com/",
    );
    ok(lie.code !== 0);
    match(lie.stderr, /alert/);
    eq(t.logged[0]!.kind, "mismatch");
  },
);

Deno.test({
  name: "curl: several requests over one connection, the forbidden one alone is refused",
  ignore: ignoreCurl,
}, async () => {
  await using server = webServer({});
  await using t = testEgress({ allow: ["a.com"] }, world(server.port));
  const { stdout } = await curl(t.port, "http://a.com/1", "http://a.com/2", "http://b.com/3", "http://a.com/4");
  match(stdout, /GET a.com \/1 0GET a.com \/2 0silo: host b.com is not allowed[^\n]*\nGET a.com \/4 0/);
});

Deno.test(
  { name: "node's TLS speaks through CONNECT and sees the server's own certificate", ignore: !HAS_OPENSSL },
  async () => {
    using certificates = makeCertificates("a.com");
    const server = tls.createServer(
      { cert: certificates.cert, key: certificates.key },
      (socket) => socket.pipe(socket),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      await using t = testEgress({ allow: ["a.com"] }, world((server.address() as { port: number }).port));
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: t.port });
      const client = new Client(connection);
      await client.send("CONNECT a.com:443 HTTP/1.1\r\n\r\n");
      await client.expect("HTTP/1.1 200 Connection established\r\n\r\n");
      const secure = new Client(await Deno.startTls(connection, { hostname: "a.com", caCerts: [certificates.ca] }));
      await secure.send("end to end");
      await secure.expect("end to end");
      secure.close();
    } finally {
      server.close();
    }
  },
);

Deno.test("a real WebSocket through the proxy", async () => {
  await using server = webServer({});
  await using t = testEgress({ allow: ["a.com"] }, world(server.port));
  for (const way of ["absolute", "connect"]) {
    const client = await t.connect();
    if (way === "connect") {
      await client.send("CONNECT a.com:80 HTTP/1.1\r\n\r\n");
      await client.expect("HTTP/1.1 200 Connection established\r\n\r\n");
    }
    await client.send(
      `GET ${way === "connect" ? "" : "http://a.com"}/ HTTP/1.1\r\nHost: a.com\r\nConnection: keep-alive, Upgrade\r\n` +
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    // The accept value for this key is the one of RFC 6455, section 1.3.
    await client.expect(/^HTTP\/1.1 101 [^]*sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n[^]*\r\n\r\n/i);
    await client.send("\x81\x82\0\0\0\0hi");
    await client.expect("\x81\x07echo hi");
    client.close();
  }
});

Deno.test({ name: "git clones over HTTPS, and is told when it may not", ignore: ignoreGit }, async () => {
  using certificates = makeCertificates("a.com");
  const directory = await Deno.makeTempDir({ prefix: "silo-git-" });
  const git = (...args: string[]) =>
    program("git", args, { HOME: directory, GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" });
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
  const repository = `${directory}/r`;
  await git("init", "-q", repository);
  await git("-C", repository, ...identity, "commit", "-q", "--allow-empty", "-m", "came through the proxy");
  await git("-C", repository, "update-server-info");
  const { cert, key } = certificates;
  await using files = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {}, cert, key }, async (request) => {
    const body = await Deno.readFile(`${repository}/.git${new URL(request.url).pathname}`).catch(() => undefined);
    return body === undefined ? new Response(null, { status: 404 }) : new Response(body);
  });
  await using t = testEgress({ allow: ["a.com"] }, world(files.addr.port));
  const clone = (host: string) => {
    const config = ["-c", `http.proxy=http://127.0.0.1:${t.port}`, "-c", `http.sslCAInfo=${certificates.caPath}`];
    return git(...config, "clone", "-q", `https://${host}/`, `${directory}/${host}`);
  };
  try {
    const { code, stderr } = await clone("a.com");
    eq(code, 0, stderr);
    match((await git("-C", `${directory}/a.com`, "log", "--format=%s")).stdout, /^came through the proxy$/m);
    match((await clone("b.com")).stderr, /403/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

/** A company's proxy: wants credentials, connects by name, and writes down what it was asked for. */
function companyProxy(origin: number) {
  return tcpServer(async (connection, { received }) => {
    const client = new Client(connection);
    const head = await client.expect(/\r\n\r\n/);
    received.push(head);
    if (!head.includes(`Proxy-Authorization: Basic ${btoa("me:secret")}`)) {
      await client.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    } else if (!head.startsWith("CONNECT ")) {
      await client.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    } else {
      await client.send("HTTP/1.1 200 OK\r\n\r\n");
      const server = await Deno.connect({ hostname: "127.0.0.1", port: origin });
      await Promise.allSettled([
        connection.readable.pipeTo(server.writable),
        server.readable.pipeTo(connection.writable),
      ]);
    }
  });
}

Deno.test(
  { name: "the company's proxy is used, with its credentials, and its exceptions are not", ignore: ignoreCurl },
  async () => {
    using certificates = makeCertificates("a.com", "b.com");
    await using server = webServer({ cert: certificates.cert, key: certificates.key });
    await using company = companyProxy(server.port);
    const proxies = upstreamProxies({
      HTTPS_PROXY: "http://me:secret@proxy.corp:3128",
      HTTP_PROXY: "http://me:secret@proxy.corp:3128",
      NO_PROXY: "b.com",
    });
    await using t = testEgress({ allow: ["a.com", "b.com", "intra.com"] }, {
      names: { "proxy.corp": [["10.1.1.1"]], "b.com": [[PUBLIC]], "intra.com": [["10.0.0.9"]] },
      servers: { "10.1.1.1:3128": company.port, [`${PUBLIC}:443`]: server.port },
    }, { proxies });
    // a.com has no address here: the proxy knows.
    eq((await curl(t.port, "--cacert", certificates.caPath, "https://a.com/x")).stdout, "GET a.com /x 0");
    eq((await curl(t.port, "--cacert", certificates.caPath, "https://b.com/x")).stdout, "GET b.com /x 0");
    eq((await curl(t.port, "http://a.com/y?z")).stdout, "ok");
    same(t.dialled, ["10.1.1.1:3128", `${PUBLIC}:443`, "10.1.1.1:3128"]);
    match(company.received[0]!, /^CONNECT a.com:443 HTTP\/1.1\r\nHost: a.com:443\r\n/);
    match(company.received[1]!, /^GET http:\/\/a.com\/y\?z HTTP\/1.1\r\nHost: a.com\r\n/);
    // What is known to be inside is not asked of the proxy either, and the rules count before it.
    match((await curl(t.port, "http://intra.com/")).stdout, /not on the public internet/);
    match((await curl(t.port, "http://evil.com/")).stdout, /not allowed/);
    eq(company.received.length, 2);
  },
);

Deno.test("a company's proxy that refuses is told, without its password", async () => {
  await using company = companyProxy(1);
  await using t = testEgress({ allow: ["a.com"] }, {
    names: { "proxy.corp": [["10.1.1.1"]] },
    servers: { "10.1.1.1:3128": company.port },
  }, { proxies: upstreamProxies({ HTTPS_PROXY: "http://me:wrong@proxy.corp:3128" }) });
  const client = await t.connect();
  await client.send("CONNECT a.com:443 HTTP/1.1\r\n\r\n");
  const answer = await client.rest();
  match(answer, /^HTTP\/1.1 502 [^]*does not connect to a.com:443: it wants other credentials/);
  ok(!answer.includes("wrong"));
});

Deno.test("the guest's own proxy credentials and hop-by-hop fields go nowhere", async () => {
  await using server = httpServer();
  await using t = testEgress({ allow: ["a.com"] }, world(server.port));
  const client = await t.connect();
  await client.send(
    "GET http://a.com/ HTTP/1.1\r\nHost: a.com\r\nProxy-Authorization: Basic eDp5\r\nTE: trailers\r\n\r\n",
  );
  await client.expect(/ 0$/);
  ok(!/authorization|te:/i.test(server.received[0]!));
});
