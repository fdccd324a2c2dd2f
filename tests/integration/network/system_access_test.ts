/** The real resolver, dialler and interfaces, as far as this machine's own loopback. */
import { ok, rejects, strictEqual as eq } from "node:assert/strict";
import { systemAccess } from "../../../src/network/dial/access.ts";
import { Client, echo, tcpServer } from "./harness.ts";

Deno.test("names are looked up as other programs of the host look them up", async () => {
  const addresses = await systemAccess().resolve("localhost");
  ok(addresses.includes("127.0.0.1") || addresses.includes("::1"), addresses.join());
});

Deno.test("an address is dialled, and a dial that was given up leaves no connection", async () => {
  await using server = tcpServer(echo);
  const access = systemAccess();
  const client = new Client(await access.dial("127.0.0.1", server.port, new AbortController().signal));
  await client.send("hello");
  await client.expect("hello");
  client.close();
  await rejects(access.dial("127.0.0.1", server.port, AbortSignal.abort()));
});

Deno.test("the machine knows its own addresses", () => {
  const own = systemAccess().ownAddresses();
  ok(own.has("127.0.0.1"));
  eq(own.has("93.184.216.34"), false);
});
