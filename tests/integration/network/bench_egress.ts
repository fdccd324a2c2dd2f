/**
 * What the egress costs, measured on loopback: `deno run -A tests/integration/network/bench_egress.ts`. The guest's side
 * (the VM's channel, the agent, the helper) comes on top of it.
 */
import { Client, echo, httpServer, PUBLIC, tcpServer, testEgress } from "./harness.ts";

const world = (port: number) => ({
  names: { "a.com": [[PUBLIC]] },
  servers: { [`${PUBLIC}:80`]: port, [`${PUBLIC}:22`]: port },
});
const RULES = { allow: ["a.com", "a.com:22"] };
const ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

async function repeated(times: number, action: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const start = performance.now();
    await action();
    taken.push(performance.now() - start);
  }
  return median(taken);
}

async function latency(): Promise<void> {
  await using server = httpServer();
  await using t = testEgress(RULES, world(server.port));
  const open = (port: number) => Deno.connect({ hostname: "127.0.0.1", port }).then((stream) => new Client(stream));
  const request = async (client: Client, target: string) => {
    await client.send(`GET ${target} HTTP/1.1\r\nHost: a.com\r\n\r\n`);
    await client.expect(/ 0$/);
  };
  const [direct, proxied] = [await open(server.port), await open(t.port)];
  const kept = [
    await repeated(500, () => request(direct, "/")),
    await repeated(500, () => request(proxied, "http://a.com/")),
  ];
  const fresh = async (port: number, target: string) => {
    const client = await open(port);
    await request(client, target);
    client.close();
  };
  const opened = [
    await repeated(300, () => fresh(server.port, "/")),
    await repeated(300, () => fresh(t.port, "http://a.com/")),
  ];
  direct.close();
  const line = ([without, through]: number[]) =>
    `${without!.toFixed(2)} ms without, ${through!.toFixed(2)} ms through the egress`;
  console.log(`request on a kept connection: ${line(kept)}`);
  console.log(`request on a new connection:  ${line(opened)}`);
}

async function throughput(): Promise<void> {
  const total = 1_000_000_000;
  const source = () =>
    tcpServer(async (connection) => {
      const block = new Uint8Array(262_144);
      for (let sent = 0; sent < total;) sent += await connection.write(block);
      await connection.closeWrite();
    });
  const drain = async (stream: Client["connection"]) => {
    const buffer = new Uint8Array(262_144);
    const start = performance.now();
    let got = 0;
    for (let count; (count = await stream.read(buffer)) !== null;) got += count;
    return got / 1e6 / ((performance.now() - start) / 1e3);
  };
  await using server = source();
  await using t = testEgress(RULES, world(server.port));
  const direct = await drain(await Deno.connect({ hostname: "127.0.0.1", port: server.port }));
  const client = await t.connect();
  await client.send("CONNECT a.com:22 HTTP/1.1\r\n\r\n");
  await client.expect(ESTABLISHED);
  const through = await drain(client.connection);
  console.log(`throughput: ${direct.toFixed(0)} MB/s without, ${through.toFixed(0)} MB/s through the egress`);
}

async function many(): Promise<void> {
  await using server = tcpServer(echo);
  await using t = testEgress(RULES, world(server.port));
  const before = Deno.memoryUsage().rss;
  const start = performance.now();
  await Promise.all(Array.from({ length: 500 }, async () => {
    const client = await t.connect();
    await client.send("CONNECT a.com:22 HTTP/1.1\r\n\r\n");
    await client.expect(ESTABLISHED);
    await client.send("hello");
    await client.expect("hello");
  }));
  const grown = (Deno.memoryUsage().rss - before) / 1e6;
  console.log(
    `500 tunnels at once: ${(performance.now() - start).toFixed(0)} ms, ${
      grown.toFixed(0)
    } MB of memory, all ends in this process`,
  );
}

await latency();
await throughput();
await many();
