/** An editor that leaves is noticed, whoever reads what it said before. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { EditorInput, NobodyReads } from "../../../src/lsp/editor_input.ts";
import { encode } from "../../../src/lsp/conversation.ts";
import { frame, MalformedFrame } from "../../../src/lsp/frames.ts";

const said = (method: string) => ({ jsonrpc: "2.0", method });

/** A source that brings these bytes, and then its end or nothing more. */
function source(chunks: Uint8Array[], end: "end" | "open" = "end") {
  return {
    async read(buffer: Uint8Array): Promise<number | null> {
      const next = chunks.shift();
      if (next === undefined) return end === "end" ? null : await new Promise(() => {});
      const part = next.subarray(0, buffer.length);
      buffer.set(part);
      if (part.length < next.length) chunks.unshift(next.subarray(part.length));
      return part.length;
    },
  };
}

async function methodsOf(input: AsyncIterable<Uint8Array>): Promise<string[]> {
  const methods: string[] = [];
  for await (const body of input) methods.push(JSON.parse(new TextDecoder().decode(body)).method);
  return methods;
}

Deno.test("exit and the end of the input are known before anybody has read what came before them", async () => {
  const messages = ["a", "b", "exit"].map((it) => frame(encode(said(it))));
  const leaving = new EditorInput(source([...messages], "open"));
  equal(await leaving.left, "exit");
  const closed = new EditorInput(source(messages.slice(0, 2)));
  equal(await closed.left, "input");
  deepEqual(await methodsOf(closed), ["a", "b"]);
});

Deno.test("a second listener goes on where the first one stopped", async () => {
  const input = new EditorInput(source(["a", "b", "c"].map((it) => frame(encode(said(it))))));
  for await (const body of input) {
    match(new TextDecoder().decode(body), /"a"/);
    break;
  }
  deepEqual(await methodsOf(input), ["b", "c"]);
});

Deno.test("what is no message ends the input when it is its turn", async () => {
  const input = new EditorInput(source([frame(encode(said("a"))), new TextEncoder().encode("hello\n")]));
  const left = await input.left;
  ok(left instanceof MalformedFrame);
  const heard: string[] = [];
  await rejects(async () => {
    for await (const body of input) heard.push(new TextDecoder().decode(body));
  }, MalformedFrame);
  equal(heard.length, 1);
});

Deno.test("what nobody reads is kept up to a limit, and then waited with, and then given up", async () => {
  const large = frame(encode({ ...said("large"), params: "x".repeat(1_000) }));
  const chunks = Array.from({ length: 100 }, () => large);
  const input = new EditorInput(source(chunks, "open"), { bytes: 5_000, ms: 50 });
  ok(await input.left instanceof NobodyReads);
  ok(chunks.length > 90, "it has stopped to read");
  const all = Array.from({ length: 100 }, () => large);
  equal((await methodsOf(new EditorInput(source(all), { bytes: 5_000, ms: 60_000 }))).length, 100);
});
