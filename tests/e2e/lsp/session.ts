/** One session over a scenario, the same for every way to reach the server; and what it brought. */
import { type Any, type LspClient, opened, positionOf } from "./client.ts";
import type { Scenario, Word } from "./scenario.ts";

/** What silo may report the installation of the server by. */
export const INSTALLING = "installing";

/** Runs the session. `root` is the project's URI as this client has it, `path` its path. */
export async function editingSession(
  client: LspClient,
  scenario: Scenario,
  root: string,
  path: string,
  processId: number | null = null,
): Promise<void> {
  const uri = (file: string) => `${root}/${file.split("/").map(encodeURIComponent).join("/")}`;
  const at = (file: string, { word, nth = 0 }: Word) => ({
    textDocument: { uri: uri(file) },
    position: positionOf(scenario.files[file]!, word, nth),
  });
  const open = (file: string) =>
    client.tell("textDocument/didOpen", opened(uri(file), scenario.language, scenario.files[file]!));
  const { file, complete, rename, strange } = scenario;
  await client.ask("initialize", "initialize", initializeParams(scenario, root, path, processId));
  await client.tell("initialized", {});
  await open(file);
  if (scenario.tellsStatus) await client.notified("experimental/serverStatus", (it) => it.quiescent);
  await client.notified("textDocument/publishDiagnostics", (it) => it.uri === uri(file) && it.diagnostics.length > 0);
  await client.ask("hover", "textDocument/hover", at(file, scenario.project));
  const { position, ...where } = at(file, complete);
  const behind = { ...position, character: position.character - 1 + complete.word.length };
  await client.ask("completion", "textDocument/completion", { ...where, position: behind });
  await client.ask("into the project", "textDocument/definition", at(file, scenario.project));
  await client.ask("into a library", "textDocument/definition", at(file, scenario.library));
  const context = { includeDeclaration: true };
  await client.ask("references", "textDocument/references", { ...at(file, scenario.project), context });
  if (rename.file !== file) await open(rename.file);
  await client.ask("rename", "textDocument/rename", { ...at(rename.file, rename.at), newName: rename.to });
  const options = { tabSize: 4, insertSpaces: true };
  await client.ask("formatting", "textDocument/formatting", { textDocument: { uri: uri(file) }, options });
  await client.ask("symbols", "textDocument/documentSymbol", { textDocument: { uri: uri(file) } });
  await client.ask("workspace symbols", "workspace/symbol", { query: scenario.symbol });
  await client.ask("unknown method", "example/unknown", { textDocument: { uri: uri(file) } });
  if (scenario.command) await client.ask("command", "workspace/executeCommand", scenario.command(uri));
  if (!strange) return;
  await open(strange.file);
  await client.ask("from a strange name", "textDocument/definition", at(strange.file, strange.at));
}

function initializeParams(scenario: Scenario, root: string, path: string, processId: number | null): Any {
  return {
    processId,
    workDoneToken: INSTALLING,
    rootPath: path,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: "project" }],
    capabilities: {
      workspace: {
        applyEdit: true,
        workspaceEdit: { documentChanges: true },
        configuration: false,
        workspaceFolders: true,
        symbol: {},
      },
      textDocument: {
        hover: { contentFormat: ["markdown", "plaintext"] },
        publishDiagnostics: {},
        definition: { linkSupport: true },
      },
      ...(scenario.tellsStatus && { experimental: { serverStatusNotification: true } }),
    },
    ...(scenario.options && { initializationOptions: scenario.options(path) }),
  };
}

/**
 * What a session brought, with one spelling of the project's place put for another: every answer, the last diagnostics
 * of each file, and what the server asked. How often it tells of its progress depends on the machine.
 */
export function transcript(client: LspClient, replace: readonly (readonly [string, string])[] = []): Any {
  const { notifications, requests } = client;
  const answers = { ...client.answers, rename: inOrder(client.answers.rename) };
  const diagnostics = new Map(
    notifications.filter((it) => it.method === "textDocument/publishDiagnostics")
      .map((it) => [it.params.uri, it.params] as const),
  );
  const found = [...diagnostics.entries()].filter(([, params]) => params.diagnostics.length > 0).sort();
  let text = JSON.stringify({ answers, diagnostics: found, requests }, null, 1);
  for (const [from, to] of replace) text = text.replaceAll(from, to);
  return JSON.parse(text);
}

/** The files of an edit come in any order. */
function inOrder(edit: Any): Any {
  const file = (change: Any) => change.textDocument.uri;
  const sorted = edit?.documentChanges?.toSorted((a: Any, b: Any) => file(a) < file(b) ? -1 : 1);
  return sorted === undefined ? edit : { ...edit, documentChanges: sorted };
}
