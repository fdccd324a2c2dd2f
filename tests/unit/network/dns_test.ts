/** The guest's DNS: allowed names have an address of our range, nothing else exists, and nobody is asked. */
import { deepStrictEqual as same, match, ok, strictEqual as eq, throws } from "node:assert/strict";
import fc from "fast-check";
import { AddressPool, isPoolAddress } from "../../../src/network/dns/address_pool.ts";
import { answerQuery } from "../../../src/network/dns/answer.ts";
import { parseQuery } from "../../../src/network/dns/message.ts";
import { composePolicy, type NetworkSection } from "../../../src/network/policy/compose.ts";
import { Refusal } from "../../../src/network/refusal.ts";
import { mutated } from "./bytes.ts";
import { dnsQuery, readDnsAnswer } from "./dns_bytes.ts";

const policy = (section: NetworkSection) => composePolicy([section], "run");
const ALLOWED = policy({ allow: ["example.com", "*.wild.example", "db.example:5432"], hostPorts: [80] });
const ask = (name: string, type = 1, pool = new AddressPool(100), options: { edns?: boolean; class?: number } = {}) =>
  readDnsAnswer(answerQuery(dnsQuery(name, { type, ...options }), ALLOWED, pool).message!);

Deno.test("an allowed name has an address of our range, the same one each time", () => {
  const pool = new AddressPool(100);
  const first = ask("Example.COM", 1, pool);
  match(first.address!, /^198\.1[89]\.\d+\.\d+$/);
  eq(ask("example.com.", 1, pool).address, first.address);
  eq(pool.nameOf(first.address!), "example.com");
  ok(ask("a.b.wild.example", 1, pool).address);
  ok(ask("db.example", 1, pool).address);
  ok(ask("host.silo.internal", 1, pool).address);
});

Deno.test("every other name does not exist", () => {
  for (
    const name of [
      "evil.com",
      "wild.example",
      "www.example.com",
      "com",
      "",
      "x.host.silo.internal",
      "198.18.0.4",
      "a b.com",
    ]
  ) {
    same([ask(name).rcode, ask(name).address], [3, undefined], name);
  }
  eq(ask(`${"secret".repeat(10)}.${"data".repeat(15)}.evil.com`).rcode, 3);
  eq(ask("4.0.18.198.in-addr.arpa", 12).rcode, 3);
});

Deno.test("an allowed name has no records but its address", () => {
  for (const type of [28, 16, 15, 5, 6, 33, 64, 65, 255, 0]) {
    const { rcode, answers } = ask("example.com", type);
    same([rcode, answers], [0, 0], `type ${type}`);
  }
  for (const type of [28, 16, 255]) eq(ask("evil.com", type).rcode, 3);
  eq(ask("example.com", 1, undefined, { class: 3 }).rcode, 5);
});

Deno.test("a refused address is told, other refused records are not worth a word", () => {
  const told = (name: string, type: number) =>
    answerQuery(dnsQuery(name, { type }), ALLOWED, new AddressPool(1)).refused;
  eq(told("Evil.com", 1), "evil.com");
  eq(told("evil.com", 28), "evil.com");
  eq(told("evil.com", 16), undefined);
  eq(told("example.com", 1), undefined);
});

Deno.test("an answer repeats the question as it was asked, and its options", () => {
  const answer = ask("eXaMpLe.com", 1, undefined, { edns: true });
  same([answer.name, answer.additional], ["eXaMpLe.com", 1]);
  eq(ask("example.com").additional, 0);
});

Deno.test("addresses run out instead of being given out twice", () => {
  const pool = new AddressPool(3);
  const addresses = ["a", "b", "c"].map((label) => ask(`${label}.wild.example`, 1, pool).address);
  eq(new Set(addresses).size, 3);
  eq(ask("d.wild.example", 1, pool).rcode, 2);
  eq(ask("a.wild.example", 1, pool).address, addresses[0]);
});

Deno.test("the whole range is used, without addresses that end in 0 or 255", () => {
  const pool = new AddressPool(200_000);
  const seen = new Set<string>();
  for (let index = 0;; index++) {
    const address = pool.addressOf(`n${index}`);
    if (address === undefined) break;
    ok(isPoolAddress(address) && !seen.has(address) && !/\.(0|255)$/.test(address));
    seen.add(address);
  }
  eq(seen.size, 512 * 254 - 3);
});

Deno.test("what is no plain query gets an error with its number, or nothing", () => {
  const message = (bytes: Uint8Array) => answerQuery(bytes, ALLOWED, new AddressPool(1)).message;
  const query = dnsQuery("example.com", {});
  const changed = (at: number, value: number) => query.map((byte, index) => index === at ? value : byte);
  eq(message(query.subarray(0, 11)), undefined);
  eq(message(changed(2, 0x81)), undefined); // an answer
  eq(readDnsAnswer(message(changed(2, 0x29))!).rcode, 4); // an update
  eq(readDnsAnswer(message(changed(5, 2))!).rcode, 1); // two questions
  eq(readDnsAnswer(message(changed(7, 1))!).rcode, 1);
  eq(readDnsAnswer(message(changed(12, 0xc0))!).rcode, 1); // a pointer
  eq(readDnsAnswer(message(Uint8Array.of(...query, 0))!).rcode, 1);
  eq(readDnsAnswer(message(query.subarray(0, query.length - 1))!).rcode, 1);
});

Deno.test("a label with a dot in it is no way around the rules", () => {
  const query = dnsQuery(["x.example", "com"], {});
  eq(readDnsAnswer(answerQuery(query, policy({ allow: ["*.example.com"] }), new AddressPool(1)).message!).rcode, 3);
});

Deno.test("fuzz: every message is answered or ignored, and only allowed names get an address", () => {
  const seeds = [
    dnsQuery("example.com", {}),
    dnsQuery("a.wild.example", { edns: true }),
    dnsQuery("evil.com", { type: 16 }),
    dnsQuery("host.silo.internal", { type: 28 }),
  ];
  fc.assert(
    fc.property(fc.oneof(mutated(seeds), fc.uint8Array({ maxLength: 100 })), (bytes) => {
      const pool = new AddressPool(10);
      const { message } = answerQuery(bytes, ALLOWED, pool);
      if (message === undefined) return;
      ok(message.length < 400);
      const { address } = readDnsAnswer(message);
      if (address !== undefined) {
        match(pool.nameOf(address)!, /^(example\.com|.+\.wild\.example|db\.example|host\.silo\.internal)$/);
      }
      try {
        parseQuery(bytes);
      } catch (error) {
        ok(error instanceof Refusal);
      }
    }),
    { numRuns: 20_000 },
  );
  throws(() => parseQuery(new Uint8Array()), Refusal);
});
