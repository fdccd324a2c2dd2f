/** Connecting: which proxy, in which order, and that nothing is left behind. */
import { deepStrictEqual as same, match, ok, rejects, strictEqual as eq, throws } from "node:assert/strict";
import fc from "fast-check";
import { SiloError } from "../../../src/errors.ts";
import { interleave, raceAddresses } from "../../../src/network/dial/race.ts";
import { proxyFor, upstreamProxies } from "../../../src/network/dial/upstream_proxy.ts";
import { parseHost } from "../../../src/network/policy/host_name.ts";
import { ScriptedStream } from "./bytes.ts";

const LIMITS = { connectMs: 50, staggerMs: 5 };
const never = () => new Promise<never>(() => {});

Deno.test("the first address that answers wins, and a connection that comes late is closed", async () => {
  const late = Promise.withResolvers<ScriptedStream>();
  const winner = new ScriptedStream();
  const found = await raceAddresses(["slow", "good", "unused"], (address) => {
    return address === "slow" ? late.promise : address === "good" ? Promise.resolve(winner) : never();
  }, LIMITS);
  ok(found === winner);
  const loser = new ScriptedStream();
  late.resolve(loser);
  await late.promise;
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
  ok(loser.closed && !winner.closed);
});

Deno.test("an address that refuses is followed by the next at once, and the last failure is told", async () => {
  const tried: string[] = [];
  await rejects(
    raceAddresses(["a", "b", "c"], (address) => {
      tried.push(address);
      return Promise.reject(new Error(`${address} refused`));
    }, { ...LIMITS, staggerMs: 60_000 }),
    /c refused/,
  );
  same(tried, ["a", "b", "c"]);
});

Deno.test("an address that never answers is given up", async () => {
  const signals: AbortSignal[] = [];
  await rejects(raceAddresses(["a"], (_, signal) => (signals.push(signal), never()), LIMITS), /took longer/);
  ok(signals[0]!.aborted);
});

Deno.test("the two kinds of addresses take turns, none is lost", () => {
  same(interleave(["::1", "::2", "::3", "1.1.1.1"]), ["::1", "1.1.1.1", "::2", "::3"]);
  same(interleave(["1.1.1.1", "::1", "::2", "::3"]), ["1.1.1.1", "::1", "::2", "::3"]);
  fc.assert(fc.property(fc.array(fc.oneof(fc.ipV4(), fc.ipV6())), (addresses) => {
    same(interleave(addresses).sort(), [...addresses].sort());
    eq(interleave(addresses)[0], addresses[0]);
  }));
});

const proxies = upstreamProxies({
  https_proxy: "http://me:p%40ss:w@Proxy.corp:3128/",
  HTTP_PROXY: "proxy.corp:8080",
  NO_PROXY: "localhost, .corp,example.com:8443 10.0.0.0/8,[::1], bad/entry",
});
const takes = (use: "http" | "tunnel", host: string, port = 443) => proxyFor(proxies, use, parseHost(host), port)?.port;

Deno.test("the host's proxy variables are read as curl reads them", () => {
  same([takes("tunnel", "a.com"), takes("http", "a.com", 80)], [3128, 8080]);
  eq(proxies.tunnel!.authorization, `Basic ${btoa("me:p@ss:w")}`);
  eq(upstreamProxies({ HTTPS_PROXY: "http://üser@p" }).tunnel!.authorization, "Basic w7xzZXI6");
  eq(upstreamProxies({ ALL_PROXY: "p:1", HTTPS_PROXY: "p:2" }).http!.port, 1);
  eq(upstreamProxies({ HTTPS_PROXY: "p:2", https_proxy: "p:1" }).tunnel!.port, 1);
  eq(upstreamProxies({ HTTPS_PROXY: "" }).tunnel, undefined);
});

Deno.test("NO_PROXY names hosts, domains, ports and ranges", () => {
  for (const host of ["localhost", "corp", "x.corp", "10.1.2.3", "::1"]) eq(takes("tunnel", host), undefined, host);
  eq(takes("tunnel", "example.com", 8443), undefined);
  eq(takes("tunnel", "www.example.com", 8443), undefined);
  for (const host of ["example.com", "notcorp", "11.1.2.3", "x.localhost.com"]) eq(takes("tunnel", host), 3128, host);
  eq(proxyFor(upstreamProxies({ HTTPS_PROXY: "p:1", NO_PROXY: "*" }), "tunnel", parseHost("a.com"), 443), undefined);
});

Deno.test("a proxy that cannot be used is an error that does not tell its password", () => {
  for (
    const value of [
      "socks5://secret@p:1",
      "https://u:secret@p",
      "http://u:secret@p:x",
      "http://u:secret@:1",
      "http://u:%secret@p:1",
    ]
  ) {
    throws(() => upstreamProxies({ HTTPS_PROXY: value }), (error) => {
      ok(error instanceof SiloError && error.hint);
      match(error.message, /^could not use HTTPS_PROXY: /);
      ok(!error.message.includes("secret"));
      return true;
    });
  }
});
