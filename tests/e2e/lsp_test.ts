/** `silo lsp`: first use, what a server sees, and one that is out for the host. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { concatenate } from "../../src/concatenate.ts";
import { FrameReader } from "../../src/lsp/frames.ts";
import { makeProject } from "./harness.ts";
import { type Any, LspClient, opened } from "./lsp/client.ts";
import { PYTHON } from "./lsp/scenarios/python.ts";
import { INSTALLING } from "./lsp/session.ts";
import { ensureTool, installServerBy } from "./lsp/tools.ts";

const fileUri = (path: string) => `file://${path}`;

Deno.test("first use installs the server: the editor sees how far it is, nothing but messages, and a start from a snapshot", async () => {
  await ensureTool("test-lsp");
  // A step that was never built.
  installServerBy("test-lsp", `: ${crypto.randomUUID()}; ln -s /usr/bin/pylsp /usr/local/bin/silo-test-lsp`);
  using project = makeProject(PYTHON.files);
  const rootUri = fileUri(project.path);
  for (const use of ["first", "second"]) {
    using client = new LspClient(["lsp", "--timing", "test-lsp"], project.path);
    await client.ask("initialize", "initialize", { rootUri, workDoneToken: INSTALLING, capabilities: {} });
    ok(client.answers.initialize.capabilities.hoverProvider);
    equal(await client.end(), 0, client.stderr);
    match(client.stderr, /silo: restore +\d/, use);
    const messages = messagesIn(client.raw);
    const told = messages.filter((it) => it.method === "$/progress");
    const answer = messages.findIndex((it) => it.result?.capabilities);
    if (use === "second") deepEqual(told, []);
    else {
      const values = told.map((it) => it.params.value);
      deepEqual(messages.slice(0, answer).filter((it) => it.method === "$/progress"), told, "before the answer");
      ok(told.every((it) => it.params.token === INSTALLING));
      deepEqual([values[0].kind, values.at(-1).kind], ["begin", "end"]);
      ok(values.slice(1, -1).every((it) => it.kind === "report"));
      match(values[0].title, /installing the language server/);
      match(values.map((it) => it.message).join("\n"), /build test-lsp: run [^]*snapshot: keep test-lsp booted/);
    }
  }
});

Deno.test("without a token for progress the editor is told by log messages; what fails is its answer", async () => {
  await ensureTool("test-lsp");
  installServerBy("test-lsp", `echo "no such package"; exit 7`);
  using project = makeProject();
  using client = new LspClient(["lsp", "test-lsp"], project.path);
  const answer = await client.ask("initialize", "initialize", { rootUri: fileUri(project.path), capabilities: {} });
  match(answer.error, /silo: could not build test-lsp: a step ended with 7/);
  equal(await client.exited, 125);
  match(client.stderr, /no such package/);
  const methods = new Set(messagesIn(client.raw).map((it) => it.method));
  deepEqual(methods, new Set(["window/logMessage", undefined]));
});

/** All that came, strictly: nothing but messages. */
function messagesIn(raw: readonly Uint8Array[]): Any[] {
  const reader = new FrameReader();
  const messages = reader.push(concatenate(raw)).map((body) => JSON.parse(new TextDecoder().decode(body)));
  ok(reader.atBoundary);
  for (const message of messages) equal(message.jsonrpc, "2.0");
  return messages;
}

Deno.test("a server sees what the host changes, and nothing of what the sandbox does not see", async () => {
  await ensureTool("test-lsp");
  using project = makeProject(PYTHON.files);
  using client = new LspClient(["lsp", "test-lsp"], project.path);
  const root = fileUri(project.path);
  await client.ask("initialize", "initialize", { processId: Deno.pid, rootUri: root, capabilities: {} });
  await client.tell("initialized", {});
  Deno.writeTextFileSync(`${project.path}/late.py`, "def later():\n    return 1\n");
  await client.tell("workspace/didChangeWatchedFiles", { changes: [{ uri: `${root}/late.py`, type: 1 }] });
  const text = "from late import later\nlater()\n";
  await client.tell("textDocument/didOpen", opened(`${root}/new.py`, "python", text));
  const found = await client.ask("definition", "textDocument/definition", {
    textDocument: { uri: `${root}/new.py` },
    position: { line: 1, character: 2 },
  });
  equal(found[0].uri, `${root}/late.py`);
  // A document that the sandbox does not see is none for the server.
  const outside = { textDocument: { uri: "file:///etc/secret.py" }, position: { line: 0, character: 0 } };
  await client.tell("textDocument/didOpen", opened("file:///etc/secret.py", "python", "password = 1"));
  equal(await client.ask("outside", "textDocument/hover", outside), null);
  equal(await client.end(), 0, client.stderr);
});

Deno.test("a hostile server can have nothing changed, opened or read outside of the project", async () => {
  await ensureTool("test-lsp");
  using project = makeProject();
  using outside = makeProject({ "secret.txt": "SECRET" });
  const program = `${project.path}/node_modules/.bin/silo-test-lsp`;
  Deno.mkdirSync(`${project.path}/node_modules/.bin`, { recursive: true });
  Deno.copyFileSync(new URL("lsp/evil.py", import.meta.url), program);
  Deno.chmodSync(program, 0o755);
  using client = new LspClient(["lsp", "test-lsp"], project.path, () => ({ applied: true, success: true }));
  const root = fileUri(project.path);
  const initializationOptions = { outside: outside.path };
  await client.ask("initialize", "initialize", { rootUri: root, capabilities: {}, initializationOptions });
  await client.tell("initialized", {});
  const [planted, ...others] = await client.ask("definition", "textDocument/definition", {
    textDocument: { uri: `${root}/a.py` },
    position: { line: 0, character: 0 },
  });
  // The link is there, and the host would follow it.
  equal(Deno.readTextFileSync(`${project.path}/planted/secret.txt`), "SECRET");
  for (const { uri } of [planted, ...others]) match(uri, /\/guest-files\/test-lsp\//);
  await client.tell("textDocument/didOpen", opened(`${root}/planted/secret.txt`, "text", "SECRET"));
  await client.tell("textDocument/didOpen", opened(`${fileUri(outside.path)}/secret.txt`, "text", "SECRET"));
  const answers = await client.ask("answers", "evil/answers", {});
  for (const edit of ["edit outside", "edit by dots", "edit by link"]) equal(answers[edit].applied, false, edit);
  for (const show of ["show a page", "run a command"]) equal(answers[show].success, false, show);
  equal(answers.opened, undefined);
  deepEqual(client.requests, []);
  const asked = client.ask("flood", "evil/flood", {});
  match((await asked).error, /the server sent what is no message of the protocol: it has 99999999999 bytes/);
  equal(await client.exited, 125);
  match(client.stderr, /could not go on with the language server of test-lsp/);
});

Deno.test("what cannot be started is told to the editor, as the answer to its first request", async () => {
  using project = makeProject();
  using client = new LspClient(["lsp", "no-such-tool"], project.path);
  const answer = await client.ask("initialize", "initialize", { rootUri: fileUri(project.path), capabilities: {} });
  match(answer.error, /silo: could not run no-such-tool/);
  equal(await client.exited, 125);
  match(client.stderr, /could not run no-such-tool/);
});
