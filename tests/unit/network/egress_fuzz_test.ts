/** Whatever a stream of the guest says, it ends, no mistake of ours comes to light, and only allowed hosts are dialled. */
import { ok } from "node:assert/strict";
import fc from "fast-check";
import { Egress } from "../../../src/network/egress.ts";
import type { EgressHeader } from "../../../src/network/header.ts";
import { composePolicy } from "../../../src/network/policy/compose.ts";
import { latin1, mutated, pieces, ScriptedStream } from "./bytes.ts";
import { helloRecords } from "./client_hello_bytes.ts";
import { dnsQuery } from "./dns_bytes.ts";

const ALLOWED = "93.184.216.34";
const FORBIDDEN = "93.184.216.66";

const connect = latin1("CONNECT a.com:443 HTTP/1.1\r\nHost: a.com:443\r\n\r\n");
const socks = latin1("\x05\x01\x00\x05\x01\x00\x03\x05a.com\x01\xbb");
const hello = helloRecords({ name: "a.com", recordBytes: 40 });
const evil = latin1("GET http://evil.com/ HTTP/1.1\r\nHost: evil.com\r\n\r\n");
const query = dnsQuery("a.com", { edns: true });
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

const PROXY_SEEDS = [
  join(latin1("GET http://a.com/x HTTP/1.1\r\nHost: a.com\r\n\r\n"), evil),
  join(latin1("POST http://a.com/ HTTP/1.1\r\nHost: a.com\r\nContent-Length: 5\r\n\r\nhello"), evil),
  join(
    latin1("POST http://a.com/ HTTP/1.1\r\nHost: a.com\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    evil,
  ),
  latin1("GET http://a.com/ HTTP/1.1\r\nHost: a.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nxyz"),
  join(connect, hello),
  join(socks, hello),
  join(connect, latin1("GET / HTTP/1.1\r\nHost: a.com:443\r\n\r\n")),
  join(latin1("CONNECT a.com:22 HTTP/1.1\r\n\r\nSSH-2.0-x\r\n")),
];
const ANSWERS: Uint8Array[] = [
  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
  "",
].map(latin1);
ANSWERS.push(helloRecords({}));

async function run(header: EgressHeader, input: Uint8Array, cuts: readonly number[], answer: Uint8Array) {
  const bugs: unknown[] = [];
  const dialled: string[] = [];
  const servers: ScriptedStream[] = [];
  const egress = new Egress(composePolicy([{ allow: ["a.com", "a.com:22"] }], "run"), {
    resolve: (name) => Promise.resolve([name === "a.com" ? ALLOWED : FORBIDDEN]),
    dial(address) {
      dialled.push(address);
      servers.push(new ScriptedStream(answer));
      return Promise.resolve(servers.at(-1)!);
    },
    ownAddresses: () => new Set<string>(),
    log: () => {},
    clock: () => 0,
    bug: (error) => bugs.push(error),
    limits: { headMs: 1_000 },
  });
  const client = new ScriptedStream(...pieces(input, cuts));
  await egress.serve(client, header);
  egress.close();
  ok(client.closed);
  ok(!dialled.some((address) => address !== ALLOWED), dialled.join());
  if (bugs.length > 0) throw bugs[0];
  for (const server of servers) checkRequests(server.written);
  return servers.some((server) => server.written !== "");
}

/** What a server would understand, read by other code than ours: each request is for the allowed host. */
function checkRequests(sent: string): void {
  let rest = sent;
  while (/^[A-Za-z]+ \S+ HTTP\//.test(rest) && rest.includes("\r\n\r\n")) {
    const [head = ""] = rest.split("\r\n\r\n", 1);
    const hosts = [...head.matchAll(/^host:\s*(.*)$/gim)].map(([, host]) => host);
    ok(hosts.length === 1 && /^a\.com(:\d+)?$/.test(hosts[0]!), head);
    if (/^upgrade:/im.test(head)) return;
    rest = rest.slice(head.length + 4);
    const length = /^content-length:\s*(\d+)$/im.exec(head)?.[1];
    if (length !== undefined) rest = rest.slice(Number(length));
    else if (/^transfer-encoding:/im.test(head)) rest = behindChunks(rest);
  }
}

function behindChunks(text: string): string {
  for (let rest = text;;) {
    const size = /^([0-9a-f]+)\r\n/.exec(rest);
    if (size === null) return "";
    rest = rest.slice(size[0].length + parseInt(size[1]!, 16) + 2);
    if (size[1] === "0") return rest;
  }
}

const cuts = fc.array(fc.nat(), { maxLength: 4 });

Deno.test("fuzz: the proxy port", async () => {
  const input = fc.oneof({ weight: 9, arbitrary: mutated(PROXY_SEEDS) }, fc.uint8Array({ maxLength: 300 }));
  let reached = 0;
  await fc.assert(
    fc.asyncProperty(
      input,
      cuts,
      mutated(ANSWERS),
      async (bytes, at, answer) => {
        if (await run({ stream: "egress", via: "proxy" }, bytes, at, answer)) reached++;
      },
    ),
    { numRuns: 4_000 },
  );
  // Inputs that are all refused at once would prove little.
  ok(reached > 400, `${reached} of 4000 reached a server`);
});

Deno.test("fuzz: DNS", async () => {
  const framed = join(Uint8Array.of(0, query.length), query);
  await fc.assert(
    fc.asyncProperty(
      mutated([framed, join(framed, framed)]),
      cuts,
      async (bytes, at) => void await run({ stream: "egress", via: "dns" }, bytes, at, new Uint8Array()),
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("fuzz: direct connections", async () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("198.18.0.4", "127.0.0.1", "a.com", ""));
  await fc.assert(
    fc.asyncProperty(
      address,
      fc.nat(65_535),
      async (to, port) => {
        await run({ stream: "egress", via: "direct", address: to, port }, hello, [], new Uint8Array());
      },
    ),
    { numRuns: 500 },
  );
});
