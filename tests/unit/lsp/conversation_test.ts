import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { concatenate } from "../../../src/concatenate.ts";
import { encode } from "../../../src/lsp/conversation.ts";
import {
  answered,
  conversation,
  COPIES,
  decode,
  HOST_ROOT,
  outcomeOfGuest,
  someMap,
  toGuest,
  toHost,
} from "./support.ts";

const ROOT = `file://${HOST_ROOT}`;
const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
const edit = (uri: string) => ({ changes: { [uri]: [{ range, newText: "x" }] } });

Deno.test("initialize reaches the server with its own paths and without a process that it could not find", () => {
  const params = {
    processId: 4711,
    rootPath: HOST_ROOT,
    rootUri: ROOT,
    workspaceFolders: [{ uri: ROOT, name: HOST_ROOT }, { uri: "file:///home/me/data/x", name: "x" }],
    initializationOptions: {
      python: `${HOST_ROOT}/.venv/bin/python`,
      other: "/usr/bin/python",
      text: `see ${HOST_ROOT}`,
    },
    capabilities: {},
  };
  deepEqual(toGuest(conversation(), { jsonrpc: "2.0", id: 0, method: "initialize", params }).params, {
    processId: null,
    rootPath: "/workspace",
    rootUri: "file:///workspace",
    workspaceFolders: [{ uri: "file:///workspace", name: HOST_ROOT }, { uri: "file:///data/x", name: "x" }],
    initializationOptions: {
      python: "/workspace/.venv/bin/python",
      other: "/usr/bin/python",
      text: `see ${HOST_ROOT}`,
    },
    capabilities: {},
  });
});

Deno.test("the text of a document is nobody's path", () => {
  const text = `open("${HOST_ROOT}/a.py")  # ${ROOT}/a.py`;
  const document = { uri: `${ROOT}/a.py`, languageId: "python", version: 1, text };
  const sent = toGuest(conversation(), {
    jsonrpc: "2.0",
    method: "textDocument/didOpen",
    params: { textDocument: document },
  });
  deepEqual(sent.params.textDocument, { ...document, uri: "file:///workspace/a.py" });
});

Deno.test("settings that the server asks for have the paths of the project rewritten, and no others", () => {
  const talk = conversation();
  const items = [{ scopeUri: "file:///workspace", section: "python" }];
  const asked = toHost(talk, { jsonrpc: "2.0", id: 7, method: "workspace/configuration", params: { items } });
  equal(asked.params.items[0].scopeUri, ROOT);
  const settings = {
    path: `${HOST_ROOT}/src`,
    uri: `${ROOT}/src`,
    words: `${HOST_ROOT} and more`,
    list: ["/usr", HOST_ROOT],
  };
  deepEqual(toGuest(talk, { jsonrpc: "2.0", id: 7, result: [settings] }).result, [
    {
      path: "/workspace/src",
      uri: "file:///workspace/src",
      words: `${HOST_ROOT} and more`,
      list: ["/usr", "/workspace"],
    },
  ]);
});

Deno.test("links in Markdown lead to files of the host; code and words stay", () => {
  const value = [
    "[a](file:///workspace/a.py#L3) <file:///usr/lib/b.py> ![i](<file:///workspace/i j.png>)",
    "`[c](file:///workspace/c.py)` file:///workspace/word.py",
    "```",
    "[d](file:///workspace/d.py)",
    "```",
    "[e]: file:///workspace/e.py",
  ].join("\n");
  const hover = answered(conversation(), "textDocument/hover", {}, { contents: { kind: "markdown", value } });
  equal(
    hover.result.contents.value,
    value.replace("file:///workspace/a.py", `${ROOT}/a.py`).replace(
      "file:///usr/lib/b.py",
      `file://${COPIES}/usr/lib/b.py`,
    )
      .replace("file:///workspace/i j", `${ROOT}/i j`).replace("file:///workspace/e.py", `${ROOT}/e.py`),
  );
  const plain = answered(conversation(), "textDocument/hover", {}, { contents: { value, kind: "plaintext" } });
  equal(plain.result.contents.value, value);
});

Deno.test("a location in the sandbox's own files asks for a copy of each", () => {
  const talk = conversation();
  talk.fromHost(encode({ jsonrpc: "2.0", id: 1, method: "textDocument/definition", params: {} }));
  const uris = ["file:///usr/lib/a.py", "file:///workspace/b.py", "file:///usr/lib/a.py", "file:///root/../opt/c.py"];
  const outcome = outcomeOfGuest(talk, { jsonrpc: "2.0", id: 1, result: uris.map((uri) => ({ uri, range })) });
  deepEqual(outcome.copies, ["/usr/lib/a.py", "/opt/c.py"]);
});

Deno.test("an edit outside of the project is refused before the editor sees it", () => {
  for (
    const uri of [
      "file:///etc/passwd",
      "file:///workspace/../home/me/.bashrc",
      "file:///workspace2/a",
      "file:///data/read-only",
      "file:///home/me/.bashrc",
      "scp://host/x",
      "https://example.com",
    ]
  ) {
    const applied = outcomeOfGuest(conversation(), {
      jsonrpc: "2.0",
      id: 5,
      method: "workspace/applyEdit",
      params: { edit: edit(uri) },
    });
    equal(applied.forward, undefined, uri);
    match(JSON.stringify(applied.reply), /"id":5.*"applied":false/);
    const rename = answered(conversation(), "textDocument/rename", {}, edit(uri));
    equal(rename.result, undefined);
    match(rename.error.message, /outside of the project/);
    const actions = answered(conversation(), "textDocument/codeAction", {}, [{ title: "x", edit: edit(uri) }]);
    match(actions.error.message, /outside of the project/);
  }
  const files = [{ kind: "rename", oldUri: "file:///workspace/a", newUri: "file:///etc/b" }];
  ok(answered(conversation(), "textDocument/rename", {}, { documentChanges: files }).error);
  const within = answered(conversation(), "textDocument/rename", {}, edit("file:///workspace/a.py"));
  deepEqual(within.result, edit(`${ROOT}/a.py`));
});

Deno.test("an edit through a link that leads out of the project is refused, and so is what the editor had named", () => {
  const talk = conversation(someMap({ [`${HOST_ROOT}/keys`]: "/home/me/.ssh" }));
  const known = "file:///home/me/notes.py";
  talk.fromHost(encode({ jsonrpc: "2.0", method: "textDocument/didOpen", params: { textDocument: { uri: known } } }));
  for (const uri of ["file:///workspace/keys/authorized_keys", known]) {
    const message = { jsonrpc: "2.0", id: 5, method: "workspace/applyEdit", params: { edit: edit(uri) } };
    equal(outcomeOfGuest(talk, message).forward, undefined);
  }
});

Deno.test("a window opens for files that the editor may open, and for nothing else", () => {
  const show = (params: unknown) =>
    outcomeOfGuest(conversation(), { jsonrpc: "2.0", id: 1, method: "window/showDocument", params });
  const good = show({ uri: "file:///workspace/a.py", takeFocus: true });
  deepEqual((decode(good.forward) as { params: unknown }).params, { uri: `${ROOT}/a.py`, takeFocus: true });
  deepEqual(show({ uri: "file:///usr/a.py" }).copies, ["/usr/a.py"]);
  for (
    const params of [
      { uri: "https://example.com/?stolen" },
      { uri: "file:///workspace/a.html", external: true },
      { external: true, uri: "file:///workspace/a.html" },
      { uri: "vscode://extension/x" },
      { uri: "command:x" },
    ]
  ) {
    deepEqual(show(params).reply, { jsonrpc: "2.0", id: 1, result: { success: false } });
  }
});

Deno.test("watchers outside of the project watch copies, and patterns cannot climb", () => {
  const watchers = [
    { globPattern: "/workspace/**/*.py" },
    { globPattern: "/etc/**" },
    { globPattern: "/**" },
    { globPattern: "../../**" },
    { globPattern: { baseUri: "file:///", pattern: "**" } },
    { globPattern: { baseUri: { uri: "file:///workspace", name: "w" }, pattern: "../**/x" } },
  ];
  const registration = { id: "w", registerOptions: { watchers }, method: "workspace/didChangeWatchedFiles" };
  const sent = toHost(conversation(), {
    jsonrpc: "2.0",
    id: 1,
    method: "client/registerCapability",
    params: { registrations: [registration] },
  });
  deepEqual(
    sent.params.registrations[0].registerOptions.watchers.map((it: { globPattern: unknown }) => it.globPattern),
    [
      `${HOST_ROOT}/**/*.py`,
      `${COPIES}/etc/**`,
      `${COPIES}/**`,
      "**",
      { baseUri: `file://${COPIES}/`, pattern: "**" },
      { baseUri: { uri: ROOT, name: "w" }, pattern: "**/x" },
    ],
  );
});

Deno.test("a document that the sandbox does not see is not sent to it, and questions about it have no answer", () => {
  const talk = conversation(someMap({ [`${HOST_ROOT}/key.py`]: "/home/me/.ssh/id_rsa" }));
  for (const uri of ["file:///home/me/.ssh/id_rsa", `${ROOT}/key.py`]) {
    const document = { uri, languageId: "x", version: 1, text: "SECRET" };
    const tell = (method: string, params: unknown, id?: number) =>
      talk.fromHost(encode({ jsonrpc: "2.0", id, method, params }));
    deepEqual(tell("textDocument/didOpen", { textDocument: document }), {});
    deepEqual(tell("textDocument/didChange", { textDocument: { uri }, contentChanges: [{ text: "SECRET" }] }), {});
    const hover = tell("textDocument/hover", { textDocument: { uri }, position: range.start }, 3);
    deepEqual(hover, { reply: { jsonrpc: "2.0", id: 3, result: null } });
    const pulled = tell("textDocument/diagnostic", { textDocument: { uri } }, 4);
    match(JSON.stringify(pulled.reply), /the sandbox does not see it/);
  }
});

Deno.test("methods that nobody has heard of pass, with the URIs of files under the protocol's own keys rewritten", () => {
  const talk = conversation();
  const params = {
    textDocument: { uri: `${ROOT}/a.rs` },
    text: `${ROOT}/a.rs`,
    nested: [{ targetUri: `${ROOT}/b.rs`, uri: "untitled:1" }],
  };
  const sent = toGuest(talk, { jsonrpc: "2.0", id: "x", method: "rust-analyzer/expandMacro", params });
  deepEqual(sent.params, {
    textDocument: { uri: "file:///workspace/a.rs" },
    text: `${ROOT}/a.rs`,
    nested: [{ targetUri: "file:///workspace/b.rs", uri: "untitled:1" }],
  });
  deepEqual(toHost(talk, { jsonrpc: "2.0", id: "x", result: { uri: "file:///workspace/a.rs" } }).result, {
    uri: `${ROOT}/a.rs`,
  });
});

Deno.test("what a server sends with a completion comes back to it as it was", () => {
  const data = { file: "/workspace/a.py", uri: "file:///workspace/a.py", hash: 1 };
  const talk = conversation();
  const list = answered(talk, "textDocument/completion", {}, [{ label: "a", data }]);
  deepEqual(list.result[0].data, data);
  deepEqual(
    toGuest(talk, { jsonrpc: "2.0", id: 2, method: "completionItem/resolve", params: list.result[0] }).params.data,
    data,
  );
});

Deno.test("commands carry URIs to the editor and back", () => {
  const talk = conversation();
  const command = {
    title: "run",
    command: "run",
    arguments: ["file:///workspace/a.py", { uri: "file:///workspace" }, "/workspace"],
  };
  const lens = answered(talk, "textDocument/codeLens", {}, [{ range, command }]).result[0].command;
  deepEqual(lens.arguments, [`${ROOT}/a.py`, { uri: ROOT }, "/workspace"]);
  const back = toGuest(talk, { jsonrpc: "2.0", id: 9, method: "workspace/executeCommand", params: lens });
  deepEqual(back.params.arguments, command.arguments);
});

Deno.test("who asks for attention too often is not heard", () => {
  const talk = conversation();
  const show = { jsonrpc: "2.0", method: "window/showMessage", params: { type: 1, message: "x" } };
  const heard = Array.from({ length: 1_000 }, () => outcomeOfGuest(talk, show)).filter((it) => it.forward).length;
  equal(heard, 60);
});

Deno.test("an answer that nobody asked for reaches nobody", () => {
  const talk = conversation();
  deepEqual(outcomeOfGuest(talk, { jsonrpc: "2.0", id: 99, result: { uri: "file:///etc" } }), {});
  answered(talk, "textDocument/hover", {}, null);
  deepEqual(outcomeOfGuest(talk, { jsonrpc: "2.0", id: 1, result: null }), {});
});

Deno.test("what is no message is refused with a reason", () => {
  const refused = (text: string) =>
    throws(() => conversation().fromGuest(new TextEncoder().encode(text)), { name: "MalformedJson" });
  for (
    const text of [
      "",
      "null",
      "[]",
      "{",
      '{"method":1}',
      "{}",
      '{"id":1}',
      '{"result":1}',
      '{"jsonrpc":"2.0","method":"a","method":"workspace/applyEdit","id":1}',
      '{"method":"a","m\\u0065thod":"b"}',
      '{"method":"a","params":tru}',
      '{"method":"a","params":"\\x"} x',
      '{"method":"a" "params":1}',
      '{"id":{},"method":"a"}',
      `{"method":"a","params":${"[".repeat(1_000)}${"]".repeat(1_000)}}`,
      '{"method":"a","params":"no end}',
    ]
  ) refused(text);
});

Deno.test("keys with escapes are the keys that they spell", () => {
  const talk = conversation();
  talk.fromHost(encode({ jsonrpc: "2.0", id: 1, method: "textDocument/definition", params: {} }));
  const text =
    '{"jsonrpc":"2.0","id":1,"result":[{"\\u0075ri":"\\u0066ile:///\\u0065tc/passwd","uri":"file:\\/\\/\\/etc\\/shadow"}]}';
  const sent = new TextDecoder().decode(concatenate(talk.fromGuest(new TextEncoder().encode(text)).forward!));
  equal(sent.includes('passwd"'), true);
  equal([...sent.matchAll(/file:\/\/\/home\/me\/\.silo\/guest-files\/python\/etc\/(passwd|shadow)/g)].length, 2);
});
