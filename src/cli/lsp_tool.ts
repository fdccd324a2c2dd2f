/**
 * `silo lsp TOOL`: from what an editor starts to the exit code that it sees.
 *
 * @module
 */
import { findProject } from "../config/project.ts";
import { patientSink, patientSource } from "../engine/stdio.ts";
import { EXIT, reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { EditorInput, type Leave } from "../lsp/editor_input.ts";
import { type First, lookAtFirst } from "../lsp/first_message.ts";
import { MalformedFrame } from "../lsp/frames.ts";
import { withLocalServer } from "../lsp/server_command.ts";
import { resolveTool } from "../tools/resolve.ts";
import { type Begun, LspEditor, type Output, writeMessage } from "./lsp_editor.ts";
import { serverOf, stepsOf } from "./lsp_server.ts";
import type { RunRequest } from "./parse_run.ts";
import { type CommandWords, runTool } from "./run_tool.ts";

/** "exit": without a shutdown before it, the code is 1. */
const EXIT_WITHOUT_SHUTDOWN = 1;

/**
 * Serves one editor to the end.
 *
 * @returns the server's exit code, or silo's own.
 */
export async function lspTool(request: RunRequest, words: CommandWords, host: Host): Promise<number> {
  const input = new EditorInput(patientSource(Deno.stdin));
  const output = patientSink(Deno.stdout);
  const begun = await initialized(input, output).catch((error) => {
    if (!(error instanceof MalformedFrame) && !(error instanceof SyntaxError)) throw error;
    throw new SiloError(`could not understand the editor: what it sent is no message: ${reasonOf(error)}`, {
      hint: "`silo lsp` is started by an editor and speaks the Language Server Protocol on its stdin.",
    });
  });
  if (typeof begun === "number") return begun;
  const editor = new LspEditor(host, request.tool, begun, input, output);
  try {
    // What is under way when the editor leaves before there is a server ends with this process.
    return await Promise.race([serve(request, words, host, editor), editor.leftEarly.then(codeOf)]);
  } catch (error) {
    if (!(error instanceof SiloError)) throw error;
    await editor.fail(error);
    throw error;
  }
}

async function serve(request: RunRequest, words: CommandWords, host: Host, editor: LspEditor): Promise<number> {
  const tool = resolveTool(host, request.tool, undefined, words.commands).tool.name;
  const server = serverOf(host, tool);
  // An editor's pipes are no terminal, whatever else it has open.
  const terminals = { stdin: false, stdout: false, stderr: false };
  const here = { ...host, terminals, cwd: () => editor.directory };
  const { root } = findProject(editor.directory);
  const chosen = withLocalServer(server, root);
  const bytes = [...chosen.command, ...words.bytes.slice(request.argsAt)];
  const asked: RunRequest = { ...request, tool, kind: "run", exec: true, separated: true, argsAt: 0 };
  const code = await runTool(asked, { text: [], bytes, commands: [] }, here, {
    extra: stepsOf(tool, chosen, host),
    progress: editor.report.progress,
    attach: (run) => editor.attach(run),
  });
  if (editor.broken !== undefined) throw editor.broken;
  return code;
}

/** Waits for `initialize`; an exit code if it never comes. */
async function initialized(input: EditorInput, output: Output): Promise<Begun | number> {
  for await (const body of input) {
    const first: First = lookAtFirst(body);
    if (first.is === "exit") return EXIT_WITHOUT_SHUTDOWN;
    if (first.is === "initialize") return { body, first };
    if (first.is === "too early") await writeMessage(output, first.reply);
  }
  return EXIT.OK;
}

function codeOf(leave: Leave): number {
  if (leave instanceof Error) {
    throw new SiloError(`could not understand the editor: what it sent is no message: ${leave.message}`);
  }
  return leave === "exit" ? EXIT_WITHOUT_SHUTDOWN : EXIT.OK;
}
