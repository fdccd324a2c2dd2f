/** Reading JSON as bytes, against the parser of the language. */
import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { concatenate } from "../../../src/concatenate.ts";
import { JsonScanner } from "../../../src/lsp/json/scanner.ts";
import { MalformedJson } from "../../../src/lsp/json/cursor.ts";
import { TextEnds } from "../../../src/lsp/json/text_end.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("a text's end is found wherever it lies in memory, whatever stands before it", () => {
  const piece = fc.constantFrom('"', "\\", '\\"', "\\\\", "a", "ä", "!", "#", "\u0002", "bcdefghij");
  const text = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.nat(7), fc.nat(7), (text, before, after) => {
      const bytes = encode(text);
      const memory = new Uint8Array(before + bytes.length + after).fill(34);
      memory.set(bytes, before);
      const view = memory.subarray(before, before + bytes.length);
      // The plain way: byte by byte.
      let expected = -1;
      for (let at = 0; at < bytes.length && expected < 0; at++) {
        if (bytes[at] === 92) at++;
        else if (bytes[at] === 34) expected = at;
      }
      equal(new TextEnds(view).find(0, 0), expected);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("every value is passed to its end, and long texts are passed as short ones", () => {
  const long = fc.array(fc.constantFrom('"', "\\", "\n", "x", "ü", "0123456789abcdef"), { maxLength: 400 })
    .map((it) => it.join(""));
  const value = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.record({ long, after: fc.jsonValue() }), fc.array(long));
  fc.assert(fc.property(value, fc.constantFrom(undefined, 1, "\t"), (value, space) => {
    const bytes = encode(JSON.stringify(value, null, space));
    const scanner = new JsonScanner(bytes);
    scanner.skip();
    equal(scanner.at, bytes.length);
  }));
});

Deno.test("what is cut off or none is malformed, as for the parser", () => {
  const whole = JSON.stringify({ a: [1, true, null, "x".repeat(600), { b: '"\\' }] });
  for (let length = 0; length < whole.length; length++) {
    throws(() => new JsonScanner(encode(whole.slice(0, length))).skip(), MalformedJson, whole.slice(0, length));
  }
  for (const text of ["nul", "nulll", "True", "{a:1}", '{"a" 1}', '{"a":}', "[,]", "[1,]", "]", '{"a":1,}', "'a'"]) {
    throws(() => new JsonScanner(encode(text)).skip(), MalformedJson, text);
  }
});

Deno.test("what is replaced stands in its place, and all else is the very same memory", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.string(), fc.boolean()), { maxLength: 20 }), (items) => {
    const scanner = new JsonScanner(encode(JSON.stringify(items.map(([text]) => text))));
    scanner.list((index) => {
      const range = scanner.skipText();
      if (items[index]![1]) scanner.replaceText(range, `new "${index}"`);
    });
    const result = scanner.result();
    const expected = items.map(([text, isReplaced], index) => isReplaced ? `new "${index}"` : text);
    deepEqual(JSON.parse(new TextDecoder().decode(concatenate(result))), expected);
    for (const part of result.filter((_, i) => i % 2 === 0)) equal(part.buffer, scanner.bytes.buffer);
  }));
});
