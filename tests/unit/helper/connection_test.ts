import { deepStrictEqual as same, rejects, strictEqual as eq } from "node:assert/strict";
import { Connection, ResponseError } from "../../../src/helper/connection.ts";
import { encodeFrame, FrameDecoder } from "../../../src/helper/frames.ts";

/** A connection whose other end is the test. */
function connected(handlers: Record<string, (params: unknown) => void> = {}) {
  const input = new TransformStream<Uint8Array, Uint8Array>(undefined, { highWaterMark: 100 });
  const sent: Record<string, unknown>[] = [];
  const decoder = new FrameDecoder();
  const output = new WritableStream<Uint8Array>({
    write: (chunk) => void sent.push(...decoder.push(chunk) as Record<string, unknown>[]),
  });
  const writer = input.writable.getWriter();
  return {
    connection: new Connection(input.readable, output, handlers),
    sent,
    say: (message: unknown) => writer.write(encodeFrame(message)),
    hangUp: () => writer.close(),
  };
}

Deno.test("answers find their requests in any order, errors keep code and data", async () => {
  const { connection, sent, say } = connected();
  const first = connection.request("a", { x: 1 });
  const second = connection.request("b", null);
  await say({ jsonrpc: "2.0", id: 2, error: { code: -5, message: "no", data: { kind: "disk" } } });
  await say({ jsonrpc: "2.0", id: 1, result: [1] });
  await rejects(second, (error) => error instanceof ResponseError && error.code === -5 && error.message === "no");
  same(await first, [1]);
  same(sent.map(({ id, method }) => [id, method]), [[1, "a"], [2, "b"]]);
});

Deno.test("notifications are handled in order, unknown ones passed over, requests refused", async () => {
  const heard: unknown[] = [];
  const { connection, sent, say, hangUp } = connected({ log: (params) => heard.push(params) });
  for (const method of ["log", "other", "constructor", "log"]) await say({ jsonrpc: "2.0", method, params: method });
  await say({ jsonrpc: "2.0", id: 9, method: "do/this" });
  await hangUp();
  await connection.closed;
  same(heard, ["log", "log"]);
  same(sent.map(({ id, error }) => [id, (error as { code: number }).code]), [[9, -32_601]]);
});

for (
  const [what, message] of [
    ["an answer to no request", { jsonrpc: "2.0", id: 7, result: 1 }],
    ["a second answer", { jsonrpc: "2.0", id: 1, result: 2 }],
    ["no object", 5],
    ["an error that is none", { jsonrpc: "2.0", id: 2, error: "?" }],
  ] as const
) {
  Deno.test(`${what} breaks the connection, and every request with it`, async () => {
    const { connection, say } = connected();
    const answered = connection.request("a", {});
    const open = connection.request("b", {});
    const broken = rejects(open, /broken/);
    await say({ jsonrpc: "2.0", id: 1, result: 1 });
    eq(await answered, 1);
    await say(message);
    await broken;
    await connection.closed;
    await rejects(connection.request("c", {}), /closed/);
  });
}
