/** The bytes between an editor and a server: framing, order, copies, and an end that is told. */
import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { concatenate } from "../../../src/concatenate.ts";
import { Conversation, encode } from "../../../src/lsp/conversation.ts";
import { frame, frameParts, FrameReader, MalformedFrame } from "../../../src/lsp/frames.ts";
import { GuestCopies } from "../../../src/lsp/guest_copies.ts";
import { lookAtFirst } from "../../../src/lsp/first_message.ts";
import { Session, SessionBroken } from "../../../src/lsp/session.ts";
import { withLocalServer } from "../../../src/lsp/server_command.ts";
import { temporaryDirectory } from "../support.ts";
import { type Any, someMap } from "./support.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("messages come out of frames as they went in, however the stream is cut", () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 });
  fc.assert(fc.property(bodies, fc.array(fc.nat(60), { minLength: 1, maxLength: 20 }), (bodies, cuts) => {
    const stream = new Uint8Array(bodies.flatMap((body) => [...frame(body)]));
    const reader = new FrameReader();
    const found: Uint8Array[] = [];
    for (let at = 0, i = 0; at < stream.length; i++) {
      const size = cuts[i % cuts.length]! + 1;
      found.push(...reader.push(stream.subarray(at, at + size)));
      at += size;
    }
    deepEqual(found.map((it) => [...it]), bodies.map((it) => [...it]));
    equal(reader.atBoundary, true);
  }));
  const large = new Uint8Array(100_000).fill(7);
  deepEqual(new FrameReader().push(concatenate(frameParts([large])))[0], large);
});

Deno.test("what is no frame is refused with a reason, at once", () => {
  const refused = (text: string, reason: RegExp) =>
    throws(
      () => new FrameReader().push(bytes(text)),
      (error) => error instanceof MalformedFrame && reason.test(error.message),
    );
  refused("Traceback (most recent call last)\n", /begins with "Traceback/);
  refused("Content-Length: 1\r\nContent-Length: 2\r\n\r\n", /two lengths/);
  refused("content-length: 1\r\nCONTENT-LENGTH: 1\r\n\r\n", /two lengths/);
  refused("Content-Length: -1\r\n\r\n", /no number/);
  refused("Content-Length: 1e3\r\n\r\n", /no number/);
  refused("Content-Length: 99999999999\r\n\r\n", /are allowed/);
  refused("Content-Type: x\r\n\r\n", /no Content-Length/);
  refused("Content-Length: 2\r\nContent-Type: application/json; charset=utf-16\r\n\r\n", /UTF-8/);
  refused(`X: ${"x".repeat(5_000)}`, /begins with/);
  equal(new FrameReader().push(bytes("Content-Length: 2\r\nContent-Type: a; charset=utf8\r\n\r\n{}")).length, 1);
});

/** A session with an editor that is all made up. */
function world(
  copies = "/nowhere",
  shown: Record<string, string> = {},
  mayWrite: () => Promise<void> = async () => {},
) {
  const editor = new TransformStream<Uint8Array, Uint8Array>();
  const writer = editor.writable.getWriter();
  const sent: Any[] = [];
  const reader = new FrameReader();
  const asked: string[] = [];
  const session = new Session({
    conversation: new Conversation(someMap(), () => 0),
    copies: new GuestCopies(copies, (argv) => {
      const path = argv.at(-2)!;
      asked.push(path);
      return Promise.resolve(path in shown ? bytes(`=${shown[path]}`) : undefined);
    }),
    editor: {
      input: editor.readable,
      output: {
        async write(data) {
          await mayWrite();
          for (const body of reader.push(data)) sent.push(JSON.parse(new TextDecoder().decode(body)));
          return data.length;
        },
      },
    },
    stderr: { write: (data) => Promise.resolve(data.length) },
    now: () => performance.now(),
  });
  const server = {
    says: (message: unknown) => session.io.stdout.write(frame(encode(message))),
    async hears(): Promise<Any> {
      const buffer = new Uint8Array(10_000);
      const count = await session.io.stdin.read(buffer);
      if (count === null) return null;
      return JSON.parse(new TextDecoder().decode(new FrameReader().push(buffer.subarray(0, count))[0]));
    },
  };
  return {
    session,
    says: (message: unknown) => writer.write(encode(message)),
    close: () => writer.close(),
    sent,
    server,
    asked,
  };
}

const definition = { jsonrpc: "2.0", id: 1, method: "textDocument/definition", params: {} };
const location = (uri: string) => ({
  uri,
  range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
});

Deno.test("a file of the sandbox is there, read-only, when the editor is told of it, and is fetched once", async () => {
  using directory = temporaryDirectory();
  const { says, server, sent, asked } = world(directory.path, { "/usr/lib/a.py": "a = 1\n", "/usr/lib/empty.py": "" });
  for (let i = 0; i < 2; i++) {
    await says(definition);
    equal((await server.hears()).method, "textDocument/definition");
    const result = ["a.py", "empty.py", "gone.py", ".dir-locals.el"].map((it) => location(`file:///usr/lib/${it}`));
    await server.says({ jsonrpc: "2.0", id: 1, result });
    equal(Deno.readTextFileSync(`${directory.path}/usr/lib/a.py`), "a = 1\n");
    equal(Deno.statSync(`${directory.path}/usr/lib/empty.py`).size, 0);
  }
  equal(Deno.statSync(`${directory.path}/usr/lib/a.py`).mode! & 0o777, 0o400);
  deepEqual(asked, ["/usr/lib/a.py", "/usr/lib/empty.py", "/usr/lib/gone.py"]);
  deepEqual([...Deno.readDirSync(`${directory.path}/usr/lib`)].map((it) => it.name).sort(), ["a.py", "empty.py"]);
  equal(sent.length, 2);
});

Deno.test("the order of messages stays, and a refused request is answered without the editor", async () => {
  const { server, sent } = world();
  const log = (message: string) => ({ jsonrpc: "2.0", method: "window/logMessage", params: { type: 3, message } });
  await server.says(log("1"));
  await server.says({ jsonrpc: "2.0", id: 4, method: "window/showDocument", params: { uri: "https://x.example" } });
  await server.says(log("2"));
  deepEqual(sent.map((it) => it.params.message), ["1", "2"]);
  deepEqual(await server.hears(), { jsonrpc: "2.0", id: 4, result: { success: false } });
});

Deno.test("a server waits for an editor that reads nothing, and what the editor says goes on", async () => {
  const { promise: reads, resolve } = Promise.withResolvers<void>();
  const { server, sent, says } = world("/nowhere", {}, () => reads);
  const progress: string[] = [];
  const log = { jsonrpc: "2.0", method: "window/logMessage", params: { type: 3, message: "x".repeat(1_000) } };
  const speaking = (async () => {
    for (let i = 0; i < 3; i++) progress.push(String(await server.says(log)));
  })();
  await says(definition);
  equal((await server.hears()).method, "textDocument/definition");
  deepEqual([sent, progress], [[], []]);
  resolve();
  await speaking;
  equal(sent.length, 3);
});

Deno.test("exit and the end of the editor's input both reach the server as the end of its own", async () => {
  const first = world();
  await first.says({ jsonrpc: "2.0", method: "exit" });
  equal((await first.server.hears()).method, "exit");
  equal(await first.server.hears(), null);
  equal(await first.session.ended, "exit");
  const second = world();
  await second.close();
  equal(await second.server.hears(), null);
  equal(await second.session.ended, "input");
});

Deno.test("a server that sends nonsense ends the session, with a reason for the editor's open questions", async () => {
  for (const nonsense of ["Segmentation fault\n", "Content-Length: 3\r\n\r\n{x}"]) {
    const { session, says, server, sent } = world();
    await says(definition);
    await server.hears();
    await session.io.stdout.write(bytes(nonsense)).catch(() => {});
    const end = await session.ended;
    ok(end instanceof SessionBroken);
    match(end.message, /the server sent what is no message/);
    await session.fail(end.message);
    match(sent[0].error.message, /no message/);
    equal(sent[0].id, 1);
  }
});

Deno.test("before initialize, requests have an error, notifications are dropped, and exit is the end", () => {
  const look = (message: unknown) => lookAtFirst(encode(message)) as Any;
  equal(look({ id: 1, method: "textDocument/hover" }).reply.error.code, -32002);
  equal(look({ method: "initialized" }).is, "nothing");
  equal(look({ method: "exit" }).is, "exit");
  const params = {
    rootPath: "/c",
    rootUri: "file:///b",
    workspaceFolders: [{ uri: "file:///a%20x", name: "" }, { uri: "x:y" }],
  };
  deepEqual(look({ id: 1, method: "initialize", params }).folders, ["/a x", "/b", "/c"]);
});

Deno.test("a server that the project has itself comes before the one that would be installed", () => {
  using directory = temporaryDirectory();
  const server = { command: ["x-server", "--stdio"], install: ["npm i -g x"], languages: [], files: [] };
  equal(withLocalServer(server, directory.path), server);
  Deno.mkdirSync(`${directory.path}/node_modules/.bin`, { recursive: true });
  Deno.writeTextFileSync(`${directory.path}/node_modules/.bin/x-server`, "");
  deepEqual(withLocalServer(server, directory.path), {
    ...server,
    command: ["/workspace/node_modules/.bin/x-server", "--stdio"],
    install: [],
  });
});
