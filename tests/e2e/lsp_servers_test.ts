/**
 * Real language servers in real VMs, installed by the registry's own steps, driven by a real client: message by message
 * what the same programs say without silo.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { makeProject } from "./harness.ts";
import { bareClient, unpackedServer } from "./lsp/bare.ts";
import { type Any, LspClient } from "./lsp/client.ts";
import type { Scenario } from "./lsp/scenario.ts";
import { GO } from "./lsp/scenarios/go.ts";
import { PYTHON } from "./lsp/scenarios/python.ts";
import { RUST } from "./lsp/scenarios/rust.ts";
import { TYPESCRIPT } from "./lsp/scenarios/typescript.ts";
import { editingSession, transcript } from "./lsp/session.ts";
import { ensureTool, siloHome } from "./lsp/tools.ts";

const fileUri = (path: string) => `file://${path}`;

/** What the editor was told of one session, and where the project and copies of the sandbox's files are. */
interface Told {
  readonly answers: Record<string, Any>;
  readonly project: string;
  readonly copies: string;
}

/** Both sessions, compared. */
async function compared(scenario: Scenario, command: readonly string[]): Promise<Told & Disposable> {
  await ensureTool(scenario.tool);
  const project = makeProject(scenario.files);
  using client = new LspClient(["lsp", scenario.tool], project.path);
  await editingSession(client, scenario, fileUri(project.path), project.path, Deno.pid);
  equal(await client.end(), 0, client.stderr);

  using root = await unpackedServer(scenario.tool);
  using bare = bareClient(root.path, project.path, command);
  await editingSession(bare, scenario, "file:///workspace", "/workspace");
  equal(await bare.end(), 0, bare.stderr);

  const copies = `${siloHome()}/guest-files/${scenario.tool}`;
  // What is text stays the sandbox's word for it; everything else must be the same.
  const replace = [[fileUri(copies), "file://"], [fileUri(project.path), "file:///workspace"]] as const;
  deepEqual(transcript(client, replace), transcript(bare));
  return { answers: client.answers, project: project.path, copies, [Symbol.dispose]: () => project[Symbol.dispose]() };
}

/** The library's source that the editor was sent to: a copy that it can open, read-only. */
function copyOf(location: Any, copies: string): string {
  const uri: string = location.targetUri ?? location.uri;
  ok(uri.startsWith(`${fileUri(copies)}/usr/`), uri);
  const path = decodeURIComponent(new URL(uri).pathname);
  equal(Deno.statSync(path).mode! & 0o777, 0o400);
  return Deno.readTextFileSync(path);
}

const uriOf = (location: Any): string => location.targetUri ?? location.uri;
const labels = (completion: Any): string[] => (completion.items ?? completion).map((it: Any) => it.label);
const changed = (edit: Any): string[] =>
  (edit.documentChanges?.map((it: Any) => it.textDocument.uri) ?? Object.keys(edit.changes)).sort();

Deno.test("typescript-language-server in a VM says message by message what it says without silo", async () => {
  using told = await compared(TYPESCRIPT, ["typescript-language-server", "--stdio"]);
  const { answers, project, copies } = told;
  const [app, tool] = ["app", "tool"].map((name) => `${fileUri(project)}/src/${name}.ts`);
  match(JSON.stringify(answers.hover), /see .*file:\/\/\/workspace\/src\/tool\.ts/);
  ok(labels(answers.completion).includes("map"));
  equal(uriOf(answers["into the project"][0]), tool);
  match(copyOf(answers["into a library"][0], copies), /map<U>\(/);
  deepEqual(changed(answers.rename), [app, `${fileUri(project)}/src/%C3%BC%20%231.ts`, tool].sort());
  equal(answers.command[0].uri, tool);
  ok(answers.formatting.length > 0 && answers["workspace symbols"].length > 0 && answers.references.length > 0);
});

Deno.test("gopls in a VM says message by message what it says without silo", async () => {
  using told = await compared(GO, ["gopls"]);
  const { answers, project, copies } = told;
  const tool = `${fileUri(project)}/tool/tool.go`;
  match(JSON.stringify(answers.hover), /file:\/\/\/workspace\/tool\/tool\.go/);
  ok(labels(answers.completion).includes("ToUpper"));
  equal(uriOf(answers["into the project"][0]), tool);
  match(copyOf(answers["into a library"][0], copies), /^func ToUpper\(/m);
  deepEqual(
    changed(answers.rename),
    [`${fileUri(project)}/main.go`, `${fileUri(project)}/other/%C3%BC%20%231.go`, tool].sort(),
  );
  equal(uriOf(answers["from a strange name"][0]), tool);
  ok(answers.formatting.length > 0 && answers["workspace symbols"].length > 0 && answers.references.length > 0);
});

Deno.test("rust-analyzer in a VM says message by message what it says without silo", async () => {
  using told = await compared(RUST, ["rust-analyzer"]);
  const { answers, project, copies } = told;
  const tool = `${fileUri(project)}/src/tool.rs`;
  match(JSON.stringify(answers.hover), /file:\/\/\/workspace\/src\/tool\.rs/);
  ok(labels(answers.completion).includes("greet"));
  equal(uriOf(answers["into the project"][0]), tool);
  match(copyOf(answers["into a library"][0], copies), /macro link/);
  deepEqual(changed(answers.rename).filter((it) => !it.includes("/bin/")), [`${fileUri(project)}/src/main.rs`, tool]);
  equal(uriOf(answers["from a strange name"][0]), tool);
  ok(answers.formatting.length > 0 && answers["workspace symbols"].length > 0 && answers.references.length > 0);
});

Deno.test("python-lsp-server in a VM says message by message what it says without silo", async () => {
  using told = await compared(PYTHON, ["pylsp"]);
  const { answers, project, copies } = told;
  const root = fileUri(project);
  const tool = `${root}/pkg/tool.py`;
  match(JSON.stringify(answers.hover), /Greets NAME, as in file:\/\/\/workspace\/pkg\/tool\.py/);
  ok(labels(answers.completion).some((it) => it.startsWith("dumps")));
  equal(uriOf(answers["into the project"][0]), tool);
  equal(uriOf(answers["from a strange name"][0]), tool);
  match(copyOf(answers["into a library"][0], copies), /^def dumps\(/m);
  deepEqual(changed(answers.rename), [`${root}/app.py`, tool, `${root}/other%20dir/%C3%BC%20%231.py`].sort());
  match(JSON.stringify(answers.formatting), /main\(\)/);
});
