import { deepStrictEqual as same, throws } from "node:assert/strict";
import fc from "fast-check";
import { encodeFrame, FrameDecoder } from "../../../src/helper/frames.ts";

Deno.test("FrameDecoder takes out what encodeFrame put in, however the bytes are cut", () => {
  fc.assert(fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.array(fc.nat(40)), (messages, cuts) => {
    const wanted = messages.map((message) => JSON.parse(JSON.stringify(message)));
    const stream = new Uint8Array(messages.flatMap((message) => [...encodeFrame(message)]));
    const decoder = new FrameDecoder();
    const got: unknown[] = [];
    let at = 0;
    for (const cut of [...cuts, stream.length]) {
      got.push(...decoder.push(stream.subarray(at, at + cut)));
      at = Math.min(at + cut, stream.length);
    }
    same(got, wanted);
  }));
});

Deno.test("FrameDecoder refuses headers without a length, endless headers and huge bodies", () => {
  const push = (text: string) => () => new FrameDecoder().push(new TextEncoder().encode(text));
  throws(push("Content-Type: x\r\n\r\n{}"), /no Content-Length/);
  throws(push("Content-Length: -5\r\n\r\n{}"), /no Content-Length/);
  throws(push("x".repeat(5000)), /too long/);
  throws(push("Content-Length: 999999999\r\n\r\n"), /too long/);
  throws(push("Content-Length: 3\r\n\r\nabc"), /JSON/);
});

Deno.test("FrameDecoder takes header names in any case and other headers beside", () => {
  const text = "content-type: application/vscode-jsonrpc\r\ncontent-length: 2\r\n\r\n{}";
  same(new FrameDecoder().push(new TextEncoder().encode(text)), [{}]);
});
