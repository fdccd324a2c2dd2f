/** What a hostile or a merely busy guest can take: time, memory, streams. */
import { match, ok, strictEqual as eq } from "node:assert/strict";
import { helloRecords } from "../../unit/network/client_hello_bytes.ts";
import { dnsQuery } from "../../unit/network/dns_bytes.ts";
import { echo, httpServer, PUBLIC, tcpServer, testEgress } from "./harness.ts";

const RULES = { allow: ["a.com", "a.com:22"] };
const world = (port: number) => ({
  names: { "a.com": [[PUBLIC]] },
  servers: { [`${PUBLIC}:80`]: port, [`${PUBLIC}:443`]: port, [`${PUBLIC}:22`]: port },
});
const CONNECT = "CONNECT a.com:22 HTTP/1.1\r\n\r\n";
const ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";

Deno.test("whoever sends a byte now and then is cut off, whatever it speaks", async () => {
  await using server = httpServer();
  await using t = testEgress(RULES, world(server.port), { limits: { headMs: 150 } });
  const drip = async (before: string, after: string) => {
    const client = await t.connect();
    const started = performance.now();
    await client.send(before);
    const dripping = (async () => {
      for (let index = 0;; index++) {
        await client.send(after[index % after.length]!);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })().catch(() => {});
    const answer = await client.rest();
    ok(performance.now() - started < 3_000);
    client.close();
    await dripping;
    return answer;
  };
  match(await drip("GET http://a.com/ HTTP/1.1\r\n", "A: b\r\n"), /^HTTP\/1.1 408 /);
  match(await drip("CONNECT a.com:443 HTTP/1.1\r\n\r\n\x16\x03\x01\x40\x00\x01\x00\x30\x00", "\0"), /\x31$/);
  await drip("\x05\xff", "\x01");
  await drip("", "G");
});

Deno.test("a client that says nothing is let go, in each way of asking", async () => {
  await using server = httpServer();
  await using t = testEgress(RULES, world(server.port), { limits: { headMs: 50, keepAliveMs: 50, idleMs: 50 } });
  for (const before of ["", "\x05", "CONNECT a.com:443 HTTP/1.1\r\n\r\n", CONNECT]) {
    const client = await t.connect();
    if (before !== "") await client.send(before);
    await client.rest();
  }
  await (await t.connect({ via: "dns" })).rest();
  const kept = await t.connect();
  await kept.send("GET http://a.com/ HTTP/1.1\r\nHost: a.com\r\n\r\n");
  const answer = await kept.rest();
  ok(answer.endsWith(" 0"), answer); // nothing is said behind the response
});

Deno.test("heads, hellos and queries are bounded", async () => {
  await using t = testEgress(RULES, world(1));
  const head = await t.connect();
  const flood = head.send(`GET http://a.com/ HTTP/1.1\r\n${`A: ${"b".repeat(1_000)}\r\n`.repeat(200)}`).catch(() => {});
  match(await head.rest(), /^HTTP\/1.1 408 [^]*longer than 65536 bytes/);
  await flood;
  const dns = await t.connect({ via: "dns" });
  await dns.send("\xff\xff");
  eq(await dns.rest(), "");
});

Deno.test("more streams than the limit are closed at once, and there is room again when one ends", async () => {
  await using server = tcpServer(echo);
  await using t = testEgress(RULES, world(server.port), { limits: { streams: 4 } });
  const open = [];
  for (let index = 0; index < 4; index++) {
    const client = await t.connect();
    await client.send(CONNECT);
    await client.expect(ESTABLISHED);
    open.push(client);
  }
  eq(await (await t.connect()).rest(), "");
  open[0]!.close();
  for (let attempt = 0;; attempt++) {
    const client = await t.connect();
    await client.send(CONNECT).catch(() => {});
    if ((await client.take(1).catch(() => "")) !== "") break;
    ok(attempt < 100);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

Deno.test("five hundred connections at one time", async () => {
  await using server = tcpServer(echo);
  await using t = testEgress(RULES, world(server.port));
  await Promise.all(Array.from({ length: 500 }, async (_, index) => {
    const client = await t.connect();
    await client.send(CONNECT);
    await client.expect(ESTABLISHED);
    await client.send(`hello ${index}`);
    await client.expect(`hello ${index}`);
    await client.connection.closeWrite();
    eq(await client.rest(), "");
  }));
  eq(server.connections, 500);
});

Deno.test("a client that does not read stops the server, and no byte is lost when it does", async () => {
  const total = 64_000_000;
  let written = 0;
  await using server = tcpServer(async (connection) => {
    const block = new Uint8Array(65_536).fill(7);
    while (written < total) {
      written += await connection.write(block.subarray(0, Math.min(block.length, total - written)));
    }
    await connection.closeWrite();
  });
  await using t = testEgress(RULES, world(server.port));
  const client = await t.connect();
  await client.send(CONNECT);
  await client.expect(ESTABLISHED);
  for (let before = -1; before !== written;) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  ok(written < total / 2, `${written} bytes were taken without a reader`);
  const buffer = new Uint8Array(1 << 20);
  let read = 0;
  for (let count; (count = await client.connection.read(buffer)) !== null;) read += count;
  eq(read, total);
});

Deno.test("a connection whose one half is over may go on, but not idle for ever", async () => {
  await using server = tcpServer(async (connection) => {
    const buffer = new Uint8Array(10);
    while (await connection.read(buffer) !== null);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await connection.write(new TextEncoder().encode("late"));
    // and never ends its own half
  });
  await using t = testEgress(RULES, world(server.port), { limits: { halfClosedMs: 400 } });
  const client = await t.connect();
  await client.send(CONNECT);
  await client.expect(ESTABLISHED);
  await client.send("x");
  await client.connection.closeWrite();
  eq(await client.rest(), "late");
});

Deno.test("closing ends every stream, also those that are still being opened", async () => {
  await using server = tcpServer(echo);
  const { promise: never } = Promise.withResolvers<string[]>();
  await using t = testEgress(RULES, world(server.port), {
    resolve: (name) => name === "a.com" ? Promise.resolve([PUBLIC]) : never,
  });
  const [tunnel, dns] = [await t.connect(), await t.connect({ via: "dns" })];
  await tunnel.send(CONNECT);
  await tunnel.expect(ESTABLISHED);
  await dns.send("\0");
  t.egress.close();
  eq(await tunnel.rest(), "");
  eq(await dns.rest(), "");
  const late = await t.connect();
  eq(await late.rest(), "");
});

Deno.test("a thousand DNS queries in one stream, each answered in its turn", async () => {
  await using t = testEgress(RULES);
  const client = await t.connect({ via: "dns" });
  const query = dnsQuery("a.com", {});
  const sending = (async () => {
    for (let index = 0; index < 1_000; index++) await client.send(Uint8Array.of(0, query.length, ...query));
  })();
  const answer = query.length + 16;
  ok((await client.take(1_000 * (answer + 2))).length > 0);
  await sending;
});

Deno.test("a server that never answers is given up, and the client is told", async () => {
  await using t = testEgress(RULES, world(1), {
    dial: () => new Promise<never>(() => {}),
    limits: { connectMs: 50 },
  });
  const client = await t.connect();
  await client.send(CONNECT);
  match(await client.rest(), /^HTTP\/1.1 502 [^]*could not connect to a.com:22: connecting took longer than 0.05 s/);
  const hello = await t.connect();
  await hello.send(helloRecords({ name: "a.com" }));
  match(await hello.rest(), /^HTTP\/1.1 400 /);
});
