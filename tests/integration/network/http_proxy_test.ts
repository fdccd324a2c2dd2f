/** Plain HTTP through the proxy: each request is judged by its own target and Host, and framing is never in doubt. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { echo, httpServer, PUBLIC, tcpServer, testEgress } from "./harness.ts";

const TWO = { allow: ["a.com", "b.com"], deny: [] };
const world = (port: number) => ({
  names: { "a.com": [[PUBLIC]], "b.com": [["93.184.216.35"]], "evil.com": [["93.184.216.66"]] },
  servers: { [`${PUBLIC}:80`]: port, "93.184.216.35:80": port },
});
const get = (url: string, host = new URL(url).host, more = "") => `GET ${url} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;

Deno.test("an allowed request arrives in origin form and its answer comes back", async () => {
  await using server = httpServer();
  await using t = testEgress(TWO, world(server.port));
  const client = await t.connect();
  await client.send(
    get("http://A.com/x?y=1", "a.com", "Proxy-Connection: keep-alive\r\nX: y\r\nConnection: drop\r\nDrop: z\r\n"),
  );
  match(await client.expect(/GET \/x\?y=1 HTTP\/1.1 0$/), /^HTTP\/1.1 200 OK\r\n/);
  eq(server.received[0], "GET /x?y=1 HTTP/1.1\r\nHost: a.com\r\nX: y\r\n\r\n");
  same(t.dialled, [`${PUBLIC}:80`]);
});

Deno.test("a host that no rule names is refused at once with the reason, and nobody is asked about it", async () => {
  await using t = testEgress(TWO, world(1));
  const client = await t.connect();
  await client.send(get("http://evil.com/"));
  const answer = await client.rest();
  match(answer, /^HTTP\/1.1 403 Forbidden\r\n/);
  ok(answer.endsWith("\r\n\r\nsilo: host evil.com is not allowed; silo config network allow evil.com\n"));
  same([t.dialled, t.looked], [[], []]);
  same(t.logged, [{
    time: "2026-01-02T03:04:05.000Z",
    host: "evil.com",
    port: 80,
    via: "http",
    kind: "rule",
    reason: "host evil.com is not allowed",
    remedy: "silo config network allow evil.com",
    count: 1,
  }]);
  match(t.egress.summary(), /To allow: silo config network allow evil.com\n$/);
});

Deno.test("each request of a kept-alive connection is judged", async () => {
  await using server = httpServer();
  await using t = testEgress(TWO, world(server.port));
  const client = await t.connect();
  await client.send(get("http://a.com/1"));
  await client.expect(/\/1 HTTP\/1.1 0$/);
  await client.send(get("http://a.com/2"));
  await client.expect(/\/2 HTTP\/1.1 0$/);
  eq(server.connections, 1); // the connection to the same host is used again
  await client.send(get("http://b.com/3"));
  await client.expect(/\/3 HTTP\/1.1 0$/);
  same(t.dialled, [`${PUBLIC}:80`, "93.184.216.35:80"]);
  await client.send(get("http://evil.com/4"));
  match(await client.rest(), /403 Forbidden/);
  eq(server.received.length, 3);
});

Deno.test("pipelined requests are answered in order, and the forbidden one among them is refused", async () => {
  await using server = httpServer();
  await using t = testEgress(TWO, world(server.port));
  const client = await t.connect();
  const post = `POST http://a.com/2 HTTP/1.1\r\nHost: a.com\r\nContent-Length: 5\r\n\r\nhello`;
  await client.send(get("http://a.com/1") + post + get("http://evil.com/3") + get("http://a.com/4"));
  const text = await client.rest();
  match(text, /\/1 HTTP\/1.1 0HTTP[^]*POST \/2 HTTP\/1.1 5HTTP\/1.1 403/);
  ok(!text.includes("/4"));
  eq(server.received.length, 2);
});

Deno.test("a Host that differs from the target is refused before anything is dialled", async () => {
  for (const host of ["evil.com", "a.com:8080", "b.com"]) {
    await using t = testEgress(TWO, world(1));
    const client = await t.connect();
    await client.send(get("http://a.com/", host));
    match(await client.rest(), /403 Forbidden[^]*says that it is for/);
    same(t.dialled, []);
    eq(t.logged[0]?.kind, "mismatch");
  }
});

Deno.test("requests that hide another are refused, and nothing of them arrives", async () => {
  const hidden = "GET http://evil.com/ HTTP/1.1\r\nHost: evil.com\r\n\r\n";
  const head = "POST http://a.com/ HTTP/1.1\r\nHost: a.com\r\n";
  for (
    const request of [
      `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `${head}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
      `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `${head}X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `${head}X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `${head}X: \0\r\n\r\n${hidden}`,
      `GET http://a.com/ HTTP/1.1\r\nHost: a.com\r\nHost: evil.com\r\n\r\n`,
      `GET http://a.com/\r\n\r\n`,
      `GET http://a.com/ HTTP/2.0\r\n\r\n`,
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
      `GET http://user@a.com/ HTTP/1.1\r\nHost: a.com\r\n\r\n`,
      `GET https://a.com/ HTTP/1.1\r\nHost: a.com\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: a.com\r\n\r\n`,
      `\x16\x03\x01\x00\x05hello`,
    ]
  ) {
    await using server = httpServer();
    await using t = testEgress(TWO, world(server.port));
    const client = await t.connect();
    await client.send(request);
    match(await client.rest(), /^HTTP\/1.1 400 Bad Request\r\n/, request);
    eq(server.received.length, 0, request);
  }
});

Deno.test("a malformed chunk ends the request, and what comes after it goes nowhere", async () => {
  await using server = tcpServer(async (connection, { received }) => {
    const buffer = new Uint8Array(65_536);
    for (let count; (count = await connection.read(buffer)) !== null;) {
      received.push(new TextDecoder().decode(buffer.subarray(0, count)));
    }
  });
  await using t = testEgress(TWO, world(server.port));
  const client = await t.connect();
  await client.send(
    "POST http://a.com/ HTTP/1.1\r\nHost: a.com\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloGET /hidden HTTP/1.1\r\n\r\n",
  );
  match(await client.rest(), /^HTTP\/1.1 400 /);
  ok(!server.received.join("").includes("hidden"));
});

Deno.test("chunks are written anew, without extensions and trailers", async () => {
  await using server = httpServer();
  await using t = testEgress(TWO, world(server.port));
  const client = await t.connect();
  await client.send(
    "POST http://a.com/ HTTP/1.1\r\nHost: a.com\r\nTransfer-Encoding: Chunked\r\n\r\n" +
      "000005;ext=1\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
  );
  await client.expect(/POST \/ HTTP\/1.1 15$/); // "5\r\nhello\r\n0\r\n\r\n"
  match(server.received[0]!, /\r\nTransfer-Encoding: chunked\r\n/);
});

Deno.test("a large body goes both ways", async () => {
  const size = 20_000_000;
  await using server = tcpServer(async (connection) => {
    const buffer = new Uint8Array(65_536);
    const decoder = new TextDecoder("latin1");
    let head = "";
    let body = 0;
    while (!head.includes("\r\n\r\n")) head += decoder.decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
    body = head.length - head.indexOf("\r\n\r\n") - 4;
    while (body < size) body += await connection.read(buffer) ?? size;
    const write = async (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    };
    await write(new TextEncoder().encode(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`));
    await write(new Uint8Array(size).fill(97));
  });
  await using t = testEgress(TWO, world(server.port));
  const response = await fetch("http://a.com/", {
    method: "POST",
    body: new Uint8Array(size),
    client: Deno.createHttpClient({ proxy: { url: `http://127.0.0.1:${t.port}` } }),
  });
  eq((await response.arrayBuffer()).byteLength, size);
});

Deno.test("responses end by length, by chunks, or with the connection", async () => {
  const bodies: Record<string, string> = {
    "/length": "Content-Length: 3\r\n\r\nabc",
    "/chunked": "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "/none": "Content-Length: 0\r\n\r\n",
  };
  await using server = httpServer((head) => `HTTP/1.1 200 OK\r\n${bodies[head.split(" ")[1]!]}`);
  await using t = testEgress(TWO, world(server.port));
  const client = await t.connect();
  await client.send(get("http://a.com/length"));
  await client.expect(/\r\n\r\nabc$/);
  await client.send(get("http://a.com/chunked"));
  await client.expect(/\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/);
  await client.send(get("http://a.com/none"));
  await client.expect(/Content-Length: 0\r\n\r\n$/);
  eq(server.connections, 1);
  await client.send("GET http://a.com/chunked HTTP/1.0\r\n\r\n");
  match(await client.rest(), /Connection: close\r\n\r\nabc$/);
});

Deno.test("a response that ends with the connection ends the client's", async () => {
  await using server = tcpServer(async (connection) => {
    await connection.read(new Uint8Array(1_000));
    await connection.write(new TextEncoder().encode("HTTP/1.0 200 OK\r\n\r\nall of it"));
    connection.close();
  });
  await using t = testEgress(TWO, world(server.port));
  const client = await t.connect();
  await client.send(get("http://a.com/"));
  match(await client.rest(), /Connection: close\r\n\r\nall of it$/);
});

Deno.test("a server that answers nonsense is a bad gateway, and none of it gets through", async () => {
  for (
    const answer of [
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
      "SSH-2.0\r\n\r\n",
      "HTTP/1.1 101 X\r\n\r\n",
    ]
  ) {
    await using server = httpServer(() => answer);
    await using t = testEgress(TWO, world(server.port));
    const client = await t.connect();
    await client.send(get("http://a.com/"));
    match(await client.rest(), /^HTTP\/1.1 502 Bad Gateway\r\n/, answer);
  }
});

Deno.test("a body is sent when the server asks for it", async () => {
  await using server = tcpServer(async (connection) => {
    const buffer = new Uint8Array(1_000);
    const write = (text: string) => connection.write(new TextEncoder().encode(text));
    await connection.read(buffer);
    await write("HTTP/1.1 100 Continue\r\n\r\n");
    const count = await connection.read(buffer);
    await write(`HTTP/1.1 200 OK\r\nContent-Length: ${count}\r\n\r\n`);
    await connection.write(buffer.subarray(0, count!));
  });
  await using t = testEgress(TWO, world(server.port));
  const client = await t.connect();
  await client.send("PUT http://a.com/ HTTP/1.1\r\nHost: a.com\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  await client.expect(/^HTTP\/1.1 100 Continue\r\n\r\n$/);
  await client.send("body");
  await client.expect(/\r\n\r\nbody$/);
});

Deno.test("a WebSocket upgrade becomes a tunnel, an upgrade to HTTP/2 does not", async () => {
  await using server = tcpServer(async (connection, { received }) => {
    const buffer = new Uint8Array(1_000);
    const head = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
    received.push(head);
    const upgrade = /Upgrade: websocket/.test(head);
    const answer = upgrade
      ? "101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x"
      : "200 OK\r\nContent-Length: 0";
    await connection.write(new TextEncoder().encode(`HTTP/1.1 ${answer}\r\n\r\n`));
    if (upgrade) await echo(connection);
  });
  await using t = testEgress(TWO, world(server.port));
  const client = await t.connect();
  await client.send(
    get("http://a.com/", "a.com", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n"),
  );
  await client.expect(/101 Switching Protocols\r\n[^]*Sec-WebSocket-Accept: x\r\n[^]*\r\n\r\n$/);
  await client.send("\x81\x02hi GET http://evil.com/");
  await client.expect(/hi GET http:\/\/evil.com\/$/);
  const other = await t.connect();
  await other.send(
    get("http://a.com/", "a.com", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"),
  );
  await other.expect(/200 OK/);
  ok(!/upgrade|http2/i.test(server.received[1]!), server.received[1]);
});

Deno.test("a malformed request is told so on a kept connection, too", async () => {
  await using server = httpServer();
  await using t = testEgress(TWO, world(server.port));
  const client = await t.connect();
  await client.send(get("http://a.com/"));
  await client.expect(/ 0$/);
  await client.send("GET http://a.com/ HTTP/1.1\nHost: a.com\n\n");
  match(await client.rest(), /^HTTP\/1.1 400 /);
});

Deno.test("a kept connection that the server has closed meanwhile is replaced without a word", async () => {
  let served = 0;
  await using server = tcpServer(async (connection) => {
    await connection.read(new Uint8Array(1_000));
    served++;
    await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    connection.close();
  });
  await using t = testEgress(TWO, world(server.port));
  const client = await t.connect();
  for (let request = 1; request <= 3; request++) {
    await client.send(get("http://a.com/"));
    await client.expect(/Content-Length: 0\r\n\r\n$/);
    eq(served, request);
  }
});

Deno.test("an allowed host that nobody serves, or that has no name, is told apart from a forbidden one", async () => {
  await using t = testEgress({ allow: ["a.com", "nowhere.com"] }, { names: { "a.com": [[PUBLIC]] } });
  const client = await t.connect();
  await client.send(get("http://a.com/"));
  match(await client.rest(), /^HTTP\/1.1 502 [^]*could not connect to a.com:80: Connection refused/);
  const other = await t.connect();
  await other.send(get("http://nowhere.com/"));
  match(await other.rest(), /^HTTP\/1.1 502 [^]*host nowhere.com was not found/);
  same(t.logged, []);
});
