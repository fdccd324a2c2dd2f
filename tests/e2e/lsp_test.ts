/** Language servers in real VMs, driven by a real client, against the same servers without silo in between. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { makeProject, siloEnv } from "./harness.ts";
import { LspClient, opened } from "./lsp/client.ts";
import { FILES, INSTALLING, pythonSession, transcript } from "./lsp/python_session.ts";
import { ensureTool } from "./lsp/tools.ts";

const fileUri = (path: string) => `file://${path}`;

Deno.test("python: a session through silo lsp is message by message what the server itself says", async () => {
  await ensureTool("test-pylsp");
  using project = makeProject(FILES);
  // The server without silo: the bytes as they are, in paths of the sandbox.
  using bare = new LspClient(["run", "--exec", "test-pylsp", "pylsp"], project.path);
  const bareDone = pythonSession(bare, "file:///workspace", "/workspace").then(() => bare.end());
  bareDone.catch(() => {});
  using client = new LspClient(["lsp", "test-pylsp"], project.path);
  await pythonSession(client, fileUri(project.path), project.path);
  equal(await client.end(), 0, client.stderr);
  await bareDone;

  const env = siloEnv();
  const copies = `${env.SILO_HOME ?? `${env.HOME}/.silo`}/guest-files/test-pylsp`;
  // What is text stays the sandbox's word for it; everything else must be the same.
  const plain = transcript(bare);
  const through = transcript(client, [[fileUri(copies), "file://"], [fileUri(project.path), "file:///workspace"]]);
  deepEqual(through, plain);

  // The first session installs the server, and says so.
  const told = client.notifications.filter((it) => it.params?.token === INSTALLING).map((it) => it.params.value.kind);
  if (told.length > 0) deepEqual([told[0], told.at(-1)], ["begin", "end"]);
  const { answers } = client;
  const app = `${fileUri(project.path)}/app.py`;
  const tool = `${fileUri(project.path)}/pkg/tool.py`;
  match(JSON.stringify(answers.hover), /Greets NAME, as in file:\/\/\/workspace\/pkg\/tool\.py/);
  ok(answers.completion.items.some((it: { label: string }) => it.label.startsWith("dumps")));
  equal(answers["into the project"][0].uri, tool);
  equal(answers["from a strange name"][0].uri, tool);
  const library = answers["into a library"][0].uri;
  ok(library.startsWith(`${fileUri(copies)}/usr/lib/python3`), library);
  const copied = new URL(library).pathname;
  match(Deno.readTextFileSync(copied), /^def dumps\(/m); // the editor can open it
  equal(Deno.statSync(copied).mode! & 0o777, 0o400);
  const renamed = answers.rename.documentChanges.map((it: { textDocument: { uri: string } }) => it.textDocument.uri);
  deepEqual(renamed.sort(), [app, tool, `${fileUri(project.path)}/other%20dir/%C3%BC%20%231.py`].sort());
  match(JSON.stringify(answers.formatting), /main\(\)/);
});

Deno.test("a server sees what the host changes, and ends when its editor is gone", async () => {
  await ensureTool("test-pylsp");
  using project = makeProject(FILES);
  using client = new LspClient(["lsp", "test-pylsp"], project.path);
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
  client.process.stdin!.end();
  notEqual(await client.exited, null);
});

Deno.test("a hostile server can have nothing changed, opened or read outside of the project", async () => {
  await ensureTool("test-pylsp");
  using project = makeProject();
  using outside = makeProject({ "secret.txt": "SECRET" });
  const program = `${project.path}/node_modules/.bin/silo-test-pylsp`;
  Deno.mkdirSync(`${project.path}/node_modules/.bin`, { recursive: true });
  Deno.copyFileSync(new URL("lsp/evil.py", import.meta.url), program);
  Deno.chmodSync(program, 0o755);
  using client = new LspClient(["lsp", "test-pylsp"], project.path, () => ({ applied: true, success: true }));
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
  for (const { uri } of [planted, ...others]) match(uri, /\/guest-files\/test-pylsp\//);
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
  match(client.stderr, /could not go on with the language server of test-pylsp/);
});

Deno.test("what cannot be started is told to the editor, as the answer to its first request", async () => {
  using project = makeProject();
  using client = new LspClient(["lsp", "no-such-tool"], project.path);
  const answer = await client.ask("initialize", "initialize", { rootUri: fileUri(project.path), capabilities: {} });
  match(answer.error, /silo: could not run no-such-tool/);
  equal(await client.exited, 125);
  match(client.stderr, /could not run no-such-tool/);
});
