/** CONNECT, SOCKS5 and direct connections: TLS must be for the host that was asked for, HTTP too, the rest needs a rule. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { ENCRYPTED, helloRecords } from "../../unit/network/client_hello_bytes.ts";
import { dnsQuery, readDnsAnswer } from "../../unit/network/dns_bytes.ts";
import { type Client, echo, httpServer, PUBLIC, tcpServer, testEgress } from "./harness.ts";

const ALERT = "\x15\x03\x03\x00\x02\x02\x31";
const text = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const world = (port: number) => ({
  names: { "a.com": [[PUBLIC]], "db.com": [[PUBLIC]] },
  servers: { [`${PUBLIC}:443`]: port, [`${PUBLIC}:80`]: port, [`${PUBLIC}:22`]: port, [`${PUBLIC}:8443`]: port },
});
const RULES = { allow: ["a.com", "a.com:22"] };

async function connect(client: Client, target: string): Promise<void> {
  await client.send(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  await client.expect(/^HTTP\/1.1 200 Connection established\r\n\r\n/);
}

const socks = (name: string, port: number) =>
  `\x05\x01\x00\x03${String.fromCharCode(name.length)}${name}${String.fromCharCode(port >> 8, port & 255)}`;

async function connectSocks(client: Client, name: string, port: number): Promise<void> {
  await client.send("\x05\x01\x00");
  await client.expect("\x05\x00");
  await client.send(socks(name, port));
  await client.expect("\x05\x00\x00\x01\0\0\0\0\0\0");
}

async function lookUp(client: Client, name: string): Promise<string | undefined> {
  const query = dnsQuery(name, {});
  await client.send(Uint8Array.of(query.length >> 8, query.length & 255, ...query));
  const answer = await client.expect(/^[^]{2}[^]{12,}/);
  return readDnsAnswer(Uint8Array.from(answer.slice(2), (character) => character.charCodeAt(0))).address;
}

Deno.test("TLS for the host that was asked for passes unchanged", async () => {
  await using server = tcpServer(echo);
  await using t = testEgress(RULES, world(server.port));
  const hello = text(helloRecords({ name: "a.com", recordBytes: 30 }));
  const client = await t.connect();
  await connect(client, "A.com:443");
  // In pieces: nothing arrives before all of it was judged.
  await client.send(hello.slice(0, 50));
  await client.send(hello.slice(50));
  // The echo looks like a server's handshake that asks for no second hello, so what follows is let through.
  await client.expect(hello);
  await client.send("anything");
  await client.expect("anything");
});

Deno.test("TLS for another host, or for nobody knows whom, gets an alert, and nothing of it arrives", async () => {
  for (
    const [hello, kind] of [
      [helloRecords({ name: "evil.com" }), "mismatch"],
      [helloRecords({}), "mismatch"],
      [helloRecords({ name: "a.com", extensions: [ENCRYPTED] }), "mismatch"],
      [helloRecords({ name: "a.com", extensions: [[0, [0, 0]]] }), undefined],
      [Uint8Array.of(22, 3, 1, 0, 1, 2), undefined],
    ] as const
  ) {
    await using server = httpServer();
    await using t = testEgress(RULES, world(server.port));
    const client = await t.connect();
    await connect(client, "a.com:443");
    await client.send(hello);
    if (hello.length > 6) eq(await client.rest(), ALERT);
    eq(server.received.length, 0);
    eq(t.logged[0]?.kind, kind);
  }
});

Deno.test("a rule may let TLS without a name through", async () => {
  await using server = tcpServer(echo);
  await using t = testEgress({ allow: [{ host: "a.com", allowNoSni: true }] }, world(server.port));
  const client = await t.connect();
  await connect(client, "a.com:443");
  await client.send(helloRecords({}));
  await client.expect("\x16\x03\x01");
});

Deno.test("a second ClientHello, which a server may ask for, is checked as the first", async () => {
  const retry = Uint8Array.from([
    ...[22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3],
    ...Uint8Array.fromHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"),
    ...[0, 19, 1, 0],
  ]);
  for (const name of ["a.com", "evil.com"]) {
    await using server = tcpServer(async (connection, { received }) => {
      const buffer = new Uint8Array(65_536);
      await connection.read(buffer);
      await connection.write(retry);
      for (let count; (count = await connection.read(buffer)) !== null;) received.push(text(buffer.subarray(0, count)));
    });
    await using t = testEgress(RULES, world(server.port));
    const client = await t.connect();
    await connect(client, "a.com:443");
    // Sent at once, before the server has asked for it.
    await client.send(text(helloRecords({ name: "a.com" })) + text(helloRecords({ name })));
    await client.expect("\x16\x03\x03");
    if (name === "evil.com") {
      ok((await client.rest()).endsWith(ALERT));
      eq(server.received.join(""), "");
    } else {
      client.close();
      while (server.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      match(server.received.join(""), /a\.com/);
    }
  }
});

Deno.test("on the default ports nothing but TLS and HTTP/1.1 is spoken", async () => {
  for (const first of ["SSH-2.0-x\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x00\x01", "\x80\x2e\x01\x03\x01"]) {
    await using server = httpServer();
    await using t = testEgress(RULES, world(server.port));
    const client = await t.connect();
    await connect(client, "a.com:443");
    await client.send(first);
    eq(await client.rest(), "");
    eq(server.received.length, 0);
    match(t.logged[0]!.reason, /neither TLS nor HTTP/);
    eq(t.logged[0]!.remedy, "silo config network allow a.com:443");
  }
});

Deno.test("HTTP inside a tunnel is judged by its Host, request by request", async () => {
  await using server = httpServer();
  await using t = testEgress(RULES, world(server.port));
  const client = await t.connect();
  await connect(client, "a.com:80");
  await client.send("GET /1 HTTP/1.1\r\nHost: a.com\r\n\r\n");
  await client.expect(/GET \/1 HTTP\/1.1 0$/);
  await client.send("GET /2 HTTP/1.1\r\nHost: evil.com\r\n\r\n");
  match(await client.rest(), /^HTTP\/1.1 403 /);
  eq(server.received.length, 1);
});

Deno.test("a CONNECT or a whole URL inside a tunnel is refused", async () => {
  for (
    const request of [
      "CONNECT evil.com:443 HTTP/1.1\r\nHost: a.com\r\n\r\n",
      "CONNECT a.com:80 HTTP/1.1\r\nHost: a.com\r\n\r\n",
      "GET http://evil.com/ HTTP/1.1\r\nHost: a.com\r\n\r\n",
    ]
  ) {
    await using server = httpServer();
    await using t = testEgress(RULES, world(server.port));
    const client = await t.connect();
    await connect(client, "a.com:80");
    await client.send(request);
    match(await client.rest(), /^HTTP\/1.1 400 /, request);
    eq(server.received.length, 0);
  }
});

Deno.test("a port that a rule names carries anything, and the server may speak first", async () => {
  await using server = tcpServer(async (connection) => {
    await connection.write(new TextEncoder().encode("SSH-2.0-server\r\n"));
    await echo(connection);
  });
  await using t = testEgress(RULES, world(server.port));
  for (const way of ["connect", "socks"]) {
    const client = await t.connect();
    if (way === "connect") await connect(client, "a.com:22");
    else await connectSocks(client, "a.com", 22);
    await client.expect(/^SSH-2.0-server\r\n/);
    await client.send("SSH-2.0-client\r\n");
    await client.expect(/^SSH-2.0-client\r\n/);
    // Half of the connection ends, the other half goes on until its own end.
    await client.connection.closeWrite();
    eq(await client.rest(), "");
  }
});

Deno.test("SOCKS5 refuses with its own replies", async () => {
  await using t = testEgress(RULES, world(1));
  const reply = async (request: string) => {
    const client = await t.connect();
    await client.send("\x05\x02\x02\x00");
    await client.expect("\x05\x00");
    await client.send(request);
    return (await client.rest()).charCodeAt(1);
  };
  eq(await reply(socks("evil.com", 443)), 2);
  eq(await reply("\x05\x01\x00\x01\x08\x08\x08\x08\x01\xbb"), 2);
  eq(await reply("\x05\x01\x00\x01\x7f\x00\x00\x01\x01\xbb"), 2);
  eq(await reply(`\x05\x01\x00\x04${"\0".repeat(15)}\x01\x01\xbb`), 2);
  eq(await reply(socks("a.com", 443)), 4); // nobody is there
  eq(await reply(socks("a.com", 443).replace("\x05\x01", "\x05\x02")), 7);
  eq(await reply(socks("a\0.com", 443)), 8);
  eq(await reply(socks("127.1", 443)), 8);
  eq(await reply("\x05\x01\x00\x05aaaaaaaaa"), 8);
  const client = await t.connect();
  await client.send("\x05\x01\x02");
  eq(await client.rest(), "\x05\xff");
  same(t.dialled, [`${PUBLIC}:443`]);
});

Deno.test("a program that knows of no proxy reaches an allowed name by its address", async () => {
  await using server = tcpServer(echo);
  await using t = testEgress({ allow: ["db.com:22", "a.com"] }, world(server.port));
  const dns = await t.connect({ via: "dns" });
  const address = await lookUp(dns, "db.com");
  match(address!, /^198\.18\./);
  eq(await lookUp(dns, "evil.com"), undefined);
  const client = await t.connect({ via: "direct", address: address!, port: 22 });
  await client.send("raw bytes");
  await client.expect(/^raw bytes$/);
  same([t.looked, t.dialled], [["db.com"], [`${PUBLIC}:22`]]); // the DNS itself asked nobody
  // Through SOCKS with the address instead of the name, too.
  const other = await t.connect();
  await other.send("\x05\x01\x00");
  await other.expect("\x05\x00");
  await other.send(
    `\x05\x01\x00\x01${address!.split(".").map((part) => String.fromCharCode(Number(part))).join("")}\x00\x16`,
  );
  await other.expect("\x05\x00");
});

Deno.test("forged direct streams end at once", async () => {
  await using server = tcpServer(echo);
  await using t = testEgress(RULES, { ...world(server.port), servers: { "127.0.0.1:22": server.port } });
  const dns = await t.connect({ via: "dns" });
  const address = await lookUp(dns, "a.com");
  for (
    const [to, port] of [
      ["127.0.0.1", 22],
      ["::1", 22],
      ["::ffff:127.0.0.1", 22],
      ["169.254.169.254", 80],
      ["8.8.8.8", 53],
      ["198.18.99.99", 443],
      ["0x7f.1", 22],
      ["a.com", 443],
      ["", 443],
      [address!, 25],
    ] as const
  ) {
    const client = await t.connect({ via: "direct", address: to, port });
    eq(await client.rest(), "", to);
  }
  same(t.dialled, []);
});

Deno.test("a name that changes its address between two look-ups gains nothing", async () => {
  await using secret = tcpServer(echo);
  await using server = tcpServer(echo);
  await using t = testEgress({ allow: ["a.com:22"] }, {
    names: { "a.com": [[PUBLIC], ["127.0.0.1"], ["127.0.0.1", "169.254.169.254", "::ffff:7f00:1"], ["203.0.113.77"]] },
    servers: { [`${PUBLIC}:22`]: server.port, "127.0.0.1:22": secret.port, "203.0.113.77:22": secret.port },
  });
  const first = await t.connect();
  await connect(first, "a.com:22");
  for (let answer = 2; answer <= 4; answer++) {
    const client = await t.connect();
    await client.send("CONNECT a.com:22 HTTP/1.1\r\nHost: a.com:22\r\n\r\n");
    match(
      await client.rest(),
      /^HTTP\/1.1 403 [^]*not on the public internet; add \{ host = "a.com:22", private = true \}/,
    );
  }
  // One look-up for each connection, and the address that was judged is the one that was dialled.
  eq(t.looked.length, 4);
  same(t.dialled, [`${PUBLIC}:22`]);
  eq(secret.connections, 0);
});

Deno.test("a private address is reached if a rule names the host and says so; of mixed answers the public ones are", async () => {
  await using server = tcpServer(echo);
  await using t = testEgress({ allow: [{ host: "db.com:22", private: true }, "a.com:22"] }, {
    names: { "db.com": [["10.0.0.5"]], "a.com": [["10.0.0.6", PUBLIC]] },
    servers: { "10.0.0.5:22": server.port, "10.0.0.6:22": server.port, [`${PUBLIC}:22`]: server.port },
  });
  await connect(await t.connect(), "db.com:22");
  await connect(await t.connect(), "a.com:22");
  same(t.dialled, ["10.0.0.5:22", `${PUBLIC}:22`]);
});

Deno.test("services on the host are the listed ports alone", async () => {
  await using server = tcpServer(echo);
  await using t = testEgress({ hostPorts: [5432] }, {
    servers: { "[::1]:5432": 1, "127.0.0.1:5432": server.port, "127.0.0.1:6379": server.port },
  });
  const client = await t.connect();
  await connect(client, "host.silo.internal:5432");
  await client.send("\x00\x00\x00\x08\x04\xd2\x16\x2f");
  await client.expect("\x00\x00\x00\x08");
  const other = await t.connect();
  await other.send("CONNECT host.silo.internal:6379 HTTP/1.1\r\n\r\n");
  match(await other.rest(), /403 [^]*port 6379 of the host is not allowed; add 6379 to hostPorts/);
  same(t.dialled, ["127.0.0.1:5432"]);
  same(t.looked, []);
});

Deno.test("learn lets through what is public and proposes the rules, open does not; both refuse what is not public", async () => {
  await using server = tcpServer(echo);
  for (const mode of ["learn", "open"] as const) {
    await using t = testEgress({ allow: ["a.com"], deny: ["evil.com"] }, {
      ...world(server.port),
      names: { "a.com": [[PUBLIC]], "db.com": [[PUBLIC]], "intra.com": [["10.0.0.1"]] },
    }, { mode });
    await connect(await t.connect(), "a.com:443");
    await connect(await t.connect(), "db.com:8443");
    for (const target of ["evil.com:443", "intra.com:443", "127.0.0.1:443"]) {
      const client = await t.connect();
      await client.send(`CONNECT ${target} HTTP/1.1\r\n\r\n`);
      match(await client.rest(), /^HTTP\/1.1 403 /, target);
    }
    if (mode === "learn") match(t.egress.summary(), /allow = \[\n {4}"db.com:8443",\n {2}\]\n$/);
    else same(t.egress.learned(), []);
  }
});
