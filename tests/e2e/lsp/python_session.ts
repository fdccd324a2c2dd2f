/** One session with a Python server over a small project, the same for every way to reach the server. */
import { type Any, LspClient, opened, positionOf } from "./client.ts";

export const FILES = {
  "app.py": `import json

from pkg.tool import greet


def main():
    unused = 1
    print(json.dumps({"hello": greet("world")}))


main( )
`,
  "pkg/__init__.py": "",
  "pkg/tool.py": `def greet(name):
    """Greets NAME, as in file:///workspace/pkg/tool.py."""
    return "hello " + name
`,
  "other dir/ü #1.py": `from pkg.tool import greet

greet("again")
`,
};

/** What silo may report the installation of the server by. */
export const INSTALLING = "installing";

/** Runs the session. `root` is the project's URI as this client has it. */
export async function pythonSession(client: LspClient, root: string, path: string): Promise<void> {
  const uri = (name: string) => `${root}/${name.split("/").map(encodeURIComponent).join("/")}`;
  const app = uri("app.py");
  const text = FILES["app.py"];
  const at = (word: string, nth = 0) => ({ textDocument: { uri: app }, position: positionOf(text, word, nth) });
  await client.ask("initialize", "initialize", {
    processId: Deno.pid,
    workDoneToken: INSTALLING,
    rootPath: path,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: "project" }],
    capabilities: {
      workspace: { workspaceEdit: { documentChanges: true }, configuration: false, workspaceFolders: true },
      textDocument: { hover: { contentFormat: ["markdown", "plaintext"] }, publishDiagnostics: {} },
    },
    initializationOptions: { pylsp: { plugins: { jedi: { extra_paths: [`${path}/pkg`] } } } },
  });
  await client.tell("initialized", {});
  await client.tell("textDocument/didOpen", opened(app, "python", text));
  await client.notified("textDocument/publishDiagnostics", (it) => it.uri === app && it.diagnostics.length > 0);
  await client.ask("hover", "textDocument/hover", at("greet", 1));
  await client.ask("completion", "textDocument/completion", {
    ...at("json.dumps"),
    position: { line: 7, character: text.split("\n")[7]!.indexOf("json.") + 5 },
  });
  await client.ask("into the project", "textDocument/definition", at("greet", 1));
  await client.ask("into a library", "textDocument/definition", at("dumps"));
  await client.ask("references", "textDocument/references", {
    ...at("greet", 1),
    context: { includeDeclaration: true },
  });
  await client.ask("rename", "textDocument/rename", { ...at("greet", 1), newName: "welcome" });
  await client.ask("formatting", "textDocument/formatting", {
    textDocument: { uri: app },
    options: { tabSize: 4, insertSpaces: true },
  });
  await client.ask("symbols", "textDocument/documentSymbol", { textDocument: { uri: app } });
  await client.ask("workspace symbols", "workspace/symbol", { query: "greet" });
  await client.ask("unknown method", "example/unknown", { textDocument: { uri: app } });
  const other = uri("other dir/ü #1.py");
  await client.tell("textDocument/didOpen", opened(other, "python", FILES["other dir/ü #1.py"]));
  await client.ask("from a strange name", "textDocument/definition", {
    textDocument: { uri: other },
    position: { line: 2, character: 2 },
  });
}

/** What a session brought, with one spelling of the project's place put for another. */
export function transcript(client: LspClient, replace: readonly (readonly [string, string])[] = []): Any {
  const { answers, notifications, requests } = client;
  const diagnostics = new Map(
    notifications.filter((it) => it.method === "textDocument/publishDiagnostics")
      .map((it) => [it.params.uri, it.params] as const),
  );
  const others = notifications.filter((it) => it.method !== "textDocument/publishDiagnostics");
  const rest = others.filter((it) => it.params?.token !== INSTALLING).map((it) => it.method);
  const asked = requests.map((it) => it.method);
  let text = JSON.stringify({ answers, diagnostics: [...diagnostics.entries()].sort(), rest, asked }, null, 1);
  for (const [from, to] of replace) text = text.replaceAll(from, to);
  return JSON.parse(text);
}
