/** Bodies: where they end is never in doubt. */
import { deepStrictEqual as same, rejects, strictEqual as eq, throws } from "node:assert/strict";
import fc from "fast-check";
import { type Framing, framingOf, readBody, responseFraming, writeBody } from "../../../src/network/http/body.ts";
import type { Field } from "../../../src/network/http/head.ts";
import { Refusal } from "../../../src/network/refusal.ts";
import { asText, latin1, mutated, pieces, readerOf, ScriptedStream } from "./bytes.ts";

async function bodyOf(framing: Framing, ...parts: (string | Uint8Array)[]): Promise<{ body: string; rest: string }> {
  const reader = readerOf(...parts);
  let body = "";
  for await (const piece of readBody(reader, framing)) body += asText(piece);
  return { body, rest: asText(reader.buffered) };
}

Deno.test("the framing is what exactly one field says", () => {
  same(framingOf([["Content-Length", "5"]], 1), { kind: "length", bytes: 5 });
  same(framingOf([["Transfer-Encoding", "Chunked"]], 1), { kind: "chunked" });
  same(framingOf([], 1), { kind: "none" });
});

Deno.test("framing that can be read in two ways is refused", () => {
  const cases: Field[][] = [
    [["Content-Length", "5"], ["Transfer-Encoding", "chunked"]],
    [["Content-Length", "5"], ["content-length", "5"]],
    [["Content-Length", "5, 5"]],
    [["Content-Length", "+5"]],
    [["Content-Length", "-1"]],
    [["Content-Length", "0x5"]],
    [["Content-Length", "5 "]],
    [["Content-Length", ""]],
    [["Content-Length", "9999999999999999"]],
    [["Transfer-Encoding", "gzip, chunked"]],
    [["Transfer-Encoding", "chunked, chunked"]],
    [["Transfer-Encoding", "chunked"], ["Transfer-Encoding", "identity"]],
    [["Transfer-Encoding", "xchunked"]],
    [["Transfer-Encoding", "\u000bchunked"]],
    [["Transfer-Encoding", "identity"]],
    [["Transfer-Encoding", ""]],
  ];
  for (const fields of cases) throws(() => framingOf(fields, 1), Refusal, JSON.stringify(fields));
  throws(() => framingOf([["Transfer-Encoding", "chunked"]], 0), Refusal);
});

Deno.test("a response without a length ends with the connection, some never have a body", () => {
  same(responseFraming("GET", 200, [], 1), { kind: "close" });
  for (const [method, status] of [["HEAD", 200], ["GET", 204], ["GET", 304], ["GET", 100]] as const) {
    same(responseFraming(method, status, [["Content-Length", "5"]], 1), { kind: "none" });
  }
});

Deno.test("a body ends where it ends, and the rest stays for the next request", async () => {
  same(await bodyOf({ kind: "length", bytes: 5 }, "hel", "loNEXT"), { body: "hello", rest: "NEXT" });
  same(await bodyOf({ kind: "none" }, "NEXT"), { body: "", rest: "" });
  same(await bodyOf({ kind: "chunked" }, "5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\nNEXT"), {
    body: "helloabc",
    rest: "NEXT",
  });
  same(await bodyOf({ kind: "close" }, "a", "b"), { body: "ab", rest: "" });
});

Deno.test("chunks that servers read differently are refused", async () => {
  for (
    const body of [
      "5\nhello\r\n0\r\n\r\n",
      "5\r\nhello0\r\n\r\n",
      "5\r\nhelloX\r\n0\r\n\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "0x5\r\nhello\r\n0\r\n\r\n",
      "+5\r\nhello\r\n0\r\n\r\n",
      "-5\r\nhello\r\n0\r\n\r\n",
      " 5\r\nhello\r\n0\r\n\r\n",
      "5 \r\nhello\r\n0\r\n\r\n",
      "5_0\r\nhello\r\n0\r\n\r\n",
      "\r\n5\r\nhello\r\n0\r\n\r\n",
      "ffffffffffffffff\r\nhello",
      "5;a\rb\r\nhello\r\n0\r\n\r\n",
      "5;a\x00\r\nhello\r\n0\r\n\r\n",
      "5\r\nhello\r\n0\r\nbad trailer\r\n\r\n",
      "5\r\nhello\r\n0\r\n",
      "5\r\nhel",
      `${"0".repeat(5_000)}`,
      `0\r\n${"A: b\r\n".repeat(5_000)}\r\n`,
    ]
  ) await rejects(bodyOf({ kind: "chunked" }, body), Refusal, JSON.stringify(body.slice(0, 30)));
  await rejects(bodyOf({ kind: "length", bytes: 5 }, "hell"), Refusal);
});

Deno.test("a body that was written in chunks is read as the same, however it is cut", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 }),
    fc.array(fc.nat()),
    async (parts, cuts) => {
      const out = new ScriptedStream();
      await writeBody(
        out,
        (async function* () {
          for (const part of parts) yield await Promise.resolve(part);
        })(),
        true,
      );
      const { body, rest } = await bodyOf({ kind: "chunked" }, ...pieces(latin1(`${out.written}NEXT`), cuts), "");
      eq(body, parts.map(asText).join(""));
      eq("NEXT".startsWith(rest), true);
    },
  ));
});

Deno.test("fuzz: chunks are read or refused", async () => {
  const seeds = ["5\r\nhello\r\n0\r\n\r\n", "a;x=y\r\n0123456789\r\n0\r\nA: b\r\n\r\n", "0\r\n\r\n"].map(latin1);
  await fc.assert(
    fc.asyncProperty(mutated(seeds), fc.array(fc.nat(), { maxLength: 3 }), async (bytes, cuts) => {
      try {
        await bodyOf({ kind: "chunked" }, ...pieces(bytes, cuts));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
    }),
    { numRuns: 5_000 },
  );
});
