/** The small parts that streams are made of. */
import { deepStrictEqual as same, ok, strictEqual as eq, throws } from "node:assert/strict";
import fc from "fast-check";
import { egressHeader } from "../../../src/network/header.ts";
import { BufferedReader } from "../../../src/network/io/buffered_reader.ts";
import { Guard } from "../../../src/network/io/guard.ts";
import { sniff } from "../../../src/network/serve/sniff.ts";
import { asText, latin1, pieces, readerOf, ScriptedStream } from "./bytes.ts";

Deno.test("a buffered reader gives every byte once and in order, however it is asked", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 20_000 }),
      fc.array(fc.nat()),
      fc.array(fc.nat(9_000), { minLength: 1 }),
      async (bytes, cuts, asks) => {
        const reader = readerOf(...pieces(bytes, cuts));
        let got = "";
        for (let turn = 0;; turn++) {
          const ask = asks[turn % asks.length]!;
          if (ask % 3 === 0) await reader.fill();
          if (ask % 3 === 1 && reader.buffered.length > 0) {
            got += asText(reader.buffered.subarray(0, 1));
            reader.consume(1);
          }
          const piece = await reader.take(1 + ask);
          if (piece === null) break;
          got += asText(piece);
        }
        eq(got, asText(bytes));
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("a reader begins with what was read before, and leaves that memory alone", async () => {
  const first = new Uint8Array(5_000).fill(65);
  const reader = new BufferedReader(new ScriptedStream("BBBB"), first);
  reader.consume(5_000);
  eq(asText((await reader.take(10))!), "BBBB");
  ok(first.every((byte) => byte === 65));
  throws(() => reader.consume(1), RangeError);
});

Deno.test("two that wait for more wait for the same read", async () => {
  const reader = readerOf("a", "b");
  await Promise.all([reader.fill(), reader.fill()]);
  eq(asText(reader.buffered), "a");
});

Deno.test("bytes that are consumed while a read is under way do not come back", async () => {
  const reader = new BufferedReader(new ScriptedStream("later"), latin1("now"));
  const filling = reader.fill();
  eq(asText((await reader.take(2))!), "no");
  await filling;
  eq(asText(reader.buffered), "wlater");
});

Deno.test("a guard ends every connection of a stream when nothing moves, and those that come after", () => {
  const guard = new Guard(-1);
  const [first, second] = [new ScriptedStream(), new ScriptedStream()];
  guard.watch(first);
  guard.sweep();
  ok(first.closed);
  guard.watch(second);
  ok(second.closed);
});

Deno.test("what is spoken is told by the first bytes, and by no fewer than it takes", () => {
  const of = (text: string, raw = false) => sniff(latin1(text), raw);
  eq(of(""), "more");
  same(["\x16", "\x16\x03", "\x16\x02"].map((text) => of(text)), ["more", "tls", "raw"]);
  same(["G", "GET", "GET ", "GETX", "get "].map((text) => of(text)), ["more", "more", "http", "raw", "raw"]);
  same(["PRI * HTTP/2.0\r\n", "P", "PR", "SSH-2.0"].map((text) => of(text)), ["raw", "more", "more", "raw"]);
  same([of("GET / ", true), of("GET / HTTP/1.1\r\n", true)], ["more", "http"]);
  same([of("OPTIONS rtsp://a RTSP/1.0\r\n", true), of(`GET ${"a".repeat(9_000)}`, true)], ["raw", "raw"]);
});

Deno.test("a header is one of three forms", () => {
  const stream = "egress";
  same(egressHeader({ stream, via: "proxy", more: 1 }), { stream, via: "proxy" });
  same(egressHeader({ stream, via: "dns" }), { stream, via: "dns" });
  const direct = { stream, via: "direct", address: "198.18.0.7", port: 5432 };
  same(egressHeader(direct), direct);
  for (
    const bad of [
      null,
      [],
      "egress",
      { stream: "stdin", via: "proxy" },
      { stream },
      { stream, via: "raw" },
      { ...direct, port: 0 },
      { ...direct, port: 65_536 },
      { ...direct, port: 1.5 },
      { ...direct, port: "80" },
      { ...direct, address: 5 },
      { ...direct, address: "1".repeat(46) },
    ]
  ) eq(egressHeader(bad), undefined);
});
