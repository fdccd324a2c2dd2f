/** Reading whom TLS is for, from bytes that an attacker wrote. */
import { deepStrictEqual as same, ok, strictEqual as eq, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseHost } from "../../../src/network/policy/host_name.ts";
import type { Allowed } from "../../../src/network/policy/policy.ts";
import { Refusal } from "../../../src/network/refusal.ts";
import { checkClientHello, type ClientHello, parseClientHello } from "../../../src/network/tls/client_hello.ts";
import { readHandshake, readRecord } from "../../../src/network/tls/records.ts";
import { readSecondHello, wantsSecondHello } from "../../../src/network/tls/second_hello.ts";
import { mutated, pieces, readerOf } from "./bytes.ts";
import { ENCRYPTED, helloMessage, type HelloOptions, helloRecords, serverName } from "./client_hello_bytes.ts";

const LIMIT = 65_536;
const parse = (options: HelloOptions) => {
  const message = readHandshake(helloRecords(options), LIMIT)!;
  return parseClientHello(message.type, message.body);
};
const refusal = (action: () => unknown, kind: string) =>
  throws(action, (error) => error instanceof Refusal && error.kind === kind);

Deno.test("the server's name is found, however the message is cut into records", () => {
  for (const recordBytes of [1, 2, 3, 5, 50, 16_384]) {
    same(parse({ name: "example.com", recordBytes }), { serverName: "example.com", encrypted: false });
  }
  same(parse({}), { serverName: undefined, encrypted: false });
  same(parse({ name: "a.com", extensions: [ENCRYPTED] }), { serverName: "a.com", encrypted: true });
});

Deno.test("every beginning of a ClientHello asks for more bytes, none is refused", () => {
  const whole = helloRecords({ name: "example.com", recordBytes: 20 });
  for (let end = 0; end < whole.length; end++) eq(readHandshake(whole.subarray(0, end), LIMIT), undefined);
  eq(readHandshake(whole, LIMIT)!.bytes, whole.length);
  eq(readHandshake(Uint8Array.of(...whole, 20, 3, 3, 0, 1, 1), LIMIT)!.bytes, whole.length);
});

Deno.test("what can be read in two ways is refused", () => {
  const name = serverName("a.com");
  refusal(() => parse({ name: "a.com", extensions: [serverName("b.com")] }), "protocol");
  // Two names in one list, a name of another type, bytes after the list.
  refusal(() => parse({ extensions: [[0, [0, 16, ...name[1].slice(2), ...name[1].slice(2)]]] }), "protocol");
  refusal(() => parse({ extensions: [[0, [0, 8, 1, 0, 5, 97, 46, 99, 111, 109]]] }), "protocol");
  refusal(() => parse({ extensions: [[0, [...name[1], 0]]] }), "protocol");
  refusal(() => parseClientHello(2, helloMessage({}).subarray(4)), "protocol");
  // Two messages in a record.
  const twice = [...helloMessage({ name: "a.com" }), ...helloMessage({ name: "b.com" })];
  const record = Uint8Array.from([22, 3, 1, twice.length >> 8, twice.length & 255, ...twice]);
  refusal(() => readHandshake(record, LIMIT), "protocol");
});

Deno.test("a handshake is bounded in bytes and in records", () => {
  refusal(() => readHandshake(Uint8Array.of(22, 3, 1, 0, 4, 1, 255, 255, 255), LIMIT), "protocol");
  refusal(() => readRecord(Uint8Array.of(22, 3, 1, 255, 255)), "protocol");
  refusal(() => readRecord(Uint8Array.of(22, 3, 1, 0, 0)), "protocol");
  const bytewise = helloRecords({ name: "a".repeat(1_500), recordBytes: 1 });
  refusal(() => readHandshake(bytewise, LIMIT), "protocol");
});

const verdict = (allowNoSni: boolean): Allowed => {
  return { allowed: true, route: "outside", private: false, allowNoSni, raw: false, learned: false };
};
const check = (hello: Partial<ClientHello>, allowNoSni = false) =>
  checkClientHello(
    { serverName: undefined, encrypted: false, ...hello },
    parseHost("example.com"),
    443,
    verdict(allowNoSni),
  );

Deno.test("TLS must be for the host that was asked for", () => {
  check({ serverName: "example.com" });
  check({ serverName: "EXAMPLE.com." });
  refusal(() => check({ serverName: "evil.com" }), "mismatch");
  refusal(() => check({ serverName: "evil.com" }, true), "mismatch");
  refusal(() => check({ serverName: "www.example.com" }), "mismatch");
  refusal(() => check({ serverName: "example.com\0.evil.com" }), "name");
  refusal(() => check({}), "mismatch");
  refusal(() => check({ serverName: "example.com", encrypted: true }), "mismatch");
  check({}, true);
  check({ serverName: "example.com", encrypted: true }, true);
});

const HELLO_RETRY = [
  ...[22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3],
  ...Uint8Array.fromHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"),
  ...[0, 19, 1, 0],
];

Deno.test("a server that asks for a second ClientHello is noticed, however its answer is cut", async () => {
  const bytes = Uint8Array.from(HELLO_RETRY);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat()), async (cuts) => {
      ok(await wantsSecondHello(readerOf(...pieces(bytes, cuts))));
      const other = bytes.slice();
      other[20]! ^= 1;
      ok(!await wantsSecondHello(readerOf(...pieces(other, cuts))));
    }),
    { numRuns: 50 },
  );
  ok(!await wantsSecondHello(readerOf()));
  ok(!await wantsSecondHello(readerOf(Uint8Array.of(21, 3, 3, 0, 2, 2, 40))));
});

Deno.test("the second ClientHello is found behind early data and the empty change of ciphers", async () => {
  const before = [20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 2, 9, 9];
  const message = await readSecondHello(readerOf(Uint8Array.of(...before, ...helloRecords({ name: "b.com" }))), LIMIT);
  eq(parseClientHello(message!.type, message!.body).serverName, "b.com");
  eq(message!.bytes, before.length + helloRecords({ name: "b.com" }).length);
  eq(await readSecondHello(readerOf(Uint8Array.of(21, 3, 3, 0, 2, 2, 40)), LIMIT), undefined);
});

Deno.test("fuzz: no ClientHello is understood in another way than as a hello or a refusal", () => {
  const seeds = [
    helloRecords({ name: "example.com" }),
    helloRecords({ name: "example.com", recordBytes: 7 }),
    helloRecords({ extensions: [ENCRYPTED, [5, [1, 2, 3]]] }),
  ];
  fc.assert(
    fc.property(fc.oneof(mutated(seeds), fc.uint8Array({ maxLength: 200 })), (bytes) => {
      try {
        const message = readHandshake(bytes, LIMIT);
        if (message === undefined) return true;
        ok(message.bytes <= bytes.length);
        parseClientHello(message.type, message.body);
      } catch (error) {
        return error instanceof Refusal;
      }
      return true;
    }),
    { numRuns: 20_000 },
  );
});
