import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import fc from "fast-check";
import { bytesOf, byteString, joinBytes, textOf } from "../../../src/helper/byte_string.ts";

Deno.test("byteString() and bytesOf() keep every byte", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => same(bytesOf(byteString(bytes)), bytes)));
});

Deno.test("byteString() is plain text exactly where the bytes are UTF-8", () => {
  eq(byteString(new TextEncoder().encode("ünï 🦀")), "ünï 🦀");
  eq(byteString(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), "\ufeffa");
  same(byteString(new Uint8Array([0xff, 0x61])), { base64: "/2E=" });
});

Deno.test("joinBytes() joins bytes, whatever their form", () => {
  fc.assert(fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
    same(bytesOf(joinBytes(byteString(a), byteString(b))), new Uint8Array([...a, ...b]));
  }));
});

Deno.test("textOf() shows bytes that are no text as U+FFFD", () => eq(textOf({ base64: "/2E=" }), "\ufffda"));
