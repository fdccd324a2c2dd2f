/** One session with the TypeScript server over a small project, the same for every way to reach the server. */
import { type LspClient, opened, positionOf } from "../../e2e/lsp/client.ts";

export const FILES = {
  "package.json": '{ "name": "project", "private": true, "type": "module" }\n',
  "tsconfig.json": '{ "compilerOptions": { "strict": true, "module": "nodenext", "types": [] }, "include": ["src"] }\n',
  "src/tool.ts": `/** Greets somebody; see {@link https://example.com} and file:///workspace/src/tool.ts. */
export function greet(name: string): string {
  return "hello " + name;
}
`,
  "src/app.ts": `import { greet } from "./tool.js";

const wrong: number = "text";
export const all = ["a", "b"].map((it) => greet(it));
if (  wrong ) console.error(all );
`,
};

/** Runs the session. `root` is the project's URI as this client has it. */
export async function typescriptSession(
  client: LspClient,
  root: string,
  processId: number | null,
): Promise<void> {
  const app = `${root}/src/app.ts`;
  const text = FILES["src/app.ts"];
  const at = (word: string, nth = 0) => ({ textDocument: { uri: app }, position: positionOf(text, word, nth) });
  await client.ask("initialize", "initialize", {
    processId,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: "project" }],
    capabilities: {
      workspace: { workspaceEdit: { documentChanges: true }, symbol: {}, applyEdit: true },
      textDocument: {
        hover: { contentFormat: ["markdown"] },
        publishDiagnostics: {},
        definition: { linkSupport: true },
      },
    },
    initializationOptions: { disableAutomaticTypingAcquisition: true },
  });
  await client.tell("initialized", {});
  await client.tell("textDocument/didOpen", opened(app, "typescript", text));
  await client.notified("textDocument/publishDiagnostics", (it) => it.uri === app && it.diagnostics.length > 0);
  await client.ask("hover", "textDocument/hover", at("greet", 1));
  await client.ask("completion", "textDocument/completion", {
    textDocument: { uri: app },
    position: { line: 3, character: text.split("\n")[3]!.indexOf(".map") + 1 },
  });
  await client.ask("into the project", "textDocument/definition", at("greet", 1));
  await client.ask("into a library", "textDocument/definition", at("map"));
  await client.ask("references", "textDocument/references", {
    ...at("greet", 1),
    context: { includeDeclaration: true },
  });
  // Where the name is imported, a rename gives it another name there; where it is defined, everywhere.
  const tool = `${root}/src/tool.ts`;
  await client.tell("textDocument/didOpen", opened(tool, "typescript", FILES["src/tool.ts"]));
  await client.ask("rename", "textDocument/rename", {
    textDocument: { uri: tool },
    position: positionOf(FILES["src/tool.ts"], "greet"),
    newName: "welcome",
  });
  await client.ask("formatting", "textDocument/formatting", {
    textDocument: { uri: app },
    options: { tabSize: 2, insertSpaces: true },
  });
  await client.ask("workspace symbols", "workspace/symbol", { query: "greet" });
  await client.ask("command", "workspace/executeCommand", {
    command: "_typescript.goToSourceDefinition",
    arguments: [app, positionOf(text, "greet", 1)],
  });
}
