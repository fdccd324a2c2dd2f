/**
 * `silo lsp TOOL`: from what an editor starts to the exit code that it sees.
 *
 * @module
 */
import type { RecipeFile } from "../bakes/recipe.ts";
import { findProject } from "../config/project.ts";
import { type Exit, MachineKilled, type Running } from "../engine/backend.ts";
import { patientSink, patientSource } from "../engine/stdio.ts";
import { EXIT, printable, reasonOf, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { Conversation } from "../lsp/conversation.ts";
import { type First, lookAtFirst } from "../lsp/first_message.ts";
import { MalformedFrame } from "../lsp/frames.ts";
import { GuestCopies } from "../lsp/guest_copies.ts";
import { hostLinks } from "../lsp/host_links.ts";
import { InstallReport } from "../lsp/install_report.ts";
import { PathMap } from "../lsp/path_map.ts";
import { withLocalServer } from "../lsp/server_command.ts";
import { messagesOf, Session, SessionBroken } from "../lsp/session.ts";
import type { LanguageServer } from "../tools/definition.ts";
import { readDefinition } from "../tools/registry.ts";
import { resolveTool } from "../tools/resolve.ts";
import type { RunRequest } from "./parse_run.ts";
import { type CommandWords, type Run, runTool } from "./run_tool.ts";

/** How long a server may take to end by itself when the editor is done with it, milliseconds. */
const GRACE_MS = 5_000;

/**
 * Serves one editor to the end.
 *
 * @returns the server's exit code, or silo's own.
 */
export async function lspTool(request: RunRequest, words: CommandWords, host: Host): Promise<number> {
  const input = messagesOf(patientSource(Deno.stdin));
  const output = patientSink(Deno.stdout);
  const begun = await initialized(input, output).catch((error) => {
    if (!(error instanceof MalformedFrame) && !(error instanceof SyntaxError)) throw error;
    throw new SiloError(`could not understand the editor: what it sent is no message: ${reasonOf(error)}`, {
      hint: "`silo lsp` is started by an editor and speaks the Language Server Protocol on its stdin.",
    });
  });
  if (typeof begun === "number") return begun;
  const editor = new Editor(host, request.tool, begun, input, output);
  try {
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
  } catch (error) {
    if (!(error instanceof SiloError)) throw error;
    await editor.fail(error);
    throw error;
  }
}

type Messages = AsyncGenerator<Uint8Array>;

interface Begun {
  readonly body: Uint8Array;
  readonly first: Extract<First, { is: "initialize" }>;
}

/** Waits for `initialize`; an exit code if it never comes. */
async function initialized(
  input: Messages,
  output: { write(data: Uint8Array): Promise<number> },
): Promise<Begun | number> {
  for (let next = await input.next(); !next.done; next = await input.next()) {
    const first = lookAtFirst(next.value);
    if (first.is === "exit") return 1; // "exit": without a shutdown before it, the code is 1
    if (first.is === "initialize") return { body: next.value, first };
    if (first.is === "too early") await writeMessage(output, first.reply);
  }
  return EXIT.OK;
}

async function writeMessage(output: { write(data: Uint8Array): Promise<number> }, message: unknown): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const bytes = new Uint8Array([...new TextEncoder().encode(`Content-Length: ${body.length}\r\n\r\n`), ...body]);
  for (let at = 0; at < bytes.length;) at += await output.write(bytes.subarray(at));
}

function serverOf(host: Host, tool: string): LanguageServer {
  const server = readDefinition(host, tool)?.lsp;
  if (server !== undefined) return server;
  throw new SiloError(`could not start a language server: the definition of ${tool} names none`, {
    hint: `Name it in ${host.siloHome}/registry/${tool}.toml: [lsp] command = ["SERVER", "--stdio"]`,
  });
}

/** The server's own step, on top of all others: nothing is done where the server is there already. */
function stepsOf(tool: string, { command, install }: LanguageServer, host: Host): RecipeFile | undefined {
  if (install.length === 0) return undefined;
  const step = `command -v ${command[0]} >/dev/null || {\n${install.join("\n")}\n}`;
  return { config: { tools: { [tool]: { post_install: [step] } } }, directory: host.siloHome };
}

/** The editor at the other end, from its first message on. */
class Editor {
  /** The directory that the session is about; absolute, free of symbolic links. */
  readonly directory: string;
  readonly report: InstallReport;
  /** Why the session ended before the editor wanted it to. */
  broken: SiloError | undefined;
  #session: Session | undefined;

  constructor(
    private readonly host: Host,
    private readonly tool: string,
    private readonly begun: Begun,
    private readonly input: Messages,
    private readonly output: { write(data: Uint8Array): Promise<number> },
  ) {
    const [folder] = begun.first.folders;
    this.directory = folder === undefined ? host.cwd() : realDirectory(folder) ?? host.cwd();
    this.report = new InstallReport(begun.first.workDoneToken, (message) => writeMessage(output, message));
  }

  /** Puts the session between the editor and a run. */
  attach({ plan, backend, io }: Run): Run {
    this.report.end();
    // Caches are shared as well, but they are the tools' own: what is in them is the sandbox's, and is copied.
    const shared = plan.mounts.filter(({ tag }) => !tag.startsWith("cache-"));
    const roots = shared.map(({ hostPath, guestPath, readOnly }) => ({
      host: hostPath,
      guest: guestPath,
      writable: !readOnly,
    }));
    const copies = `${this.host.siloHome}/guest-files/${plan.tool}`;
    let running: Running | undefined;
    const session = this.#session = new Session({
      conversation: new Conversation(new PathMap(roots, copies, hostLinks), this.host.monotonic),
      copies: new GuestCopies(copies, async (argv, most) => await running?.output(argv, most)),
      editor: { input: prepended(this.begun.body, this.input), output: this.output },
      stderr: io.stderr,
    });
    const start: Run["backend"]["start"] = (plan, io, events, size) => {
      const started = running = backend.start(plan, io, events, size);
      const ended = this.#watch(session, started);
      return {
        exited: endsQuietly(started.exited, ended),
        signal: (name, scope) => started.signal(name, scope),
        resize: (size) => started.resize(size),
        output: (argv, most) => started.output(argv, most),
        kill: () => started.kill(),
      };
    };
    return { plan, backend: { start }, io: session.io };
  }

  /** Answers what the editor still waits for. */
  async fail(error: SiloError): Promise<void> {
    const text = printable([error.message, error.hint].filter((it) => it !== undefined).join("\n"));
    if (this.#session !== undefined) return await this.#session.fail(text).catch(() => {});
    const { id } = this.begun.first;
    const answer = { jsonrpc: "2.0", id, error: { code: -32603, message: `silo: ${text}` } };
    await writeMessage(this.output, answer).catch(() => {});
  }

  /** Ends the server when the session has ended; true once silo itself had to do it. */
  async #watch(session: Session, running: Running): Promise<boolean> {
    const gone = running.exited.then(() => "gone" as const, () => "gone" as const);
    const end = await Promise.race([session.ended, gone]);
    if (end === "gone") return false;
    if (end instanceof SessionBroken) {
      this.broken = new SiloError(`could not go on with the language server of ${this.tool}: ${end.message}`);
      const params = { type: 1, message: `silo: ${printable(end.message)}` };
      await session.tell({ jsonrpc: "2.0", method: "window/showMessage", params }).catch(() => {});
      running.kill();
      return true;
    }
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(() => resolve("late"), GRACE_MS);
    const first = await Promise.race([gone, late]);
    clearTimeout(timer);
    if (first === "late") running.kill();
    return first === "late";
  }
}

/** An end by silo's own hand is the one that was asked for. */
async function endsQuietly(exited: Promise<Exit>, ended: Promise<boolean>): Promise<Exit> {
  try {
    return await exited;
  } catch (error) {
    if (error instanceof MachineKilled && await ended) return { code: 0 };
    throw error;
  }
}

async function* prepended(first: Uint8Array, rest: Messages): Messages {
  yield first;
  yield* rest;
}

function realDirectory(path: string): string | undefined {
  try {
    const real = Deno.realPathSync(path);
    return Deno.statSync(real).isDirectory ? real : undefined;
  } catch {
    return undefined;
  }
}
