/**
 * The editor at the other end of `silo lsp`, from its first message on.
 *
 * @module
 */
import { type Exit, MachineKilled, type Running, type SignalScope } from "../engine/backend.ts";
import { printable, SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import { Conversation, encode } from "../lsp/conversation.ts";
import { type EditorInput, type Leave, NobodyReads } from "../lsp/editor_input.ts";
import type { First } from "../lsp/first_message.ts";
import { frame } from "../lsp/frames.ts";
import { GuestCopies } from "../lsp/guest_copies.ts";
import { hostLinks } from "../lsp/host_links.ts";
import { InstallReport } from "../lsp/install_report.ts";
import { PathMap } from "../lsp/path_map.ts";
import { Session, SessionBroken } from "../lsp/session.ts";
import { within } from "../within.ts";
import { exitCodeOf } from "./end_process.ts";
import type { Run } from "./run_tool.ts";

/** How long a server may take to end by itself when the editor is done with it, milliseconds. */
const GRACE_MS = 5_000;

/** The signals by which an editor ends its server, and their numbers. */
const ENDS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 };

export type Output = { write(data: Uint8Array): Promise<number> };

/** The first message that counts. */
export interface Begun {
  readonly body: Uint8Array;
  readonly first: Extract<First, { is: "initialize" }>;
}

export async function writeMessage(output: Output, message: unknown): Promise<void> {
  const bytes = frame(encode(message));
  for (let at = 0; at < bytes.length;) at += await output.write(bytes.subarray(at));
}

export class LspEditor {
  /** The directory that the session is about; absolute, free of symbolic links. */
  readonly directory: string;
  readonly report: InstallReport;
  /** Resolves if the editor leaves before there is a server. */
  readonly leftEarly: Promise<Leave>;
  /** Why the session ended before the editor wanted it to. */
  broken: SiloError | undefined;
  #session: Session | undefined;
  /** How silo itself ended the server, if it had to. */
  #ending: Exit | undefined;

  constructor(
    private readonly host: Host,
    private readonly tool: string,
    private readonly begun: Begun,
    private readonly input: EditorInput,
    private readonly output: Output,
  ) {
    const [folder] = begun.first.folders;
    this.directory = folder === undefined ? host.cwd() : realDirectory(folder) ?? host.cwd();
    this.report = new InstallReport(begun.first.workDoneToken, (message) => writeMessage(output, message));
    this.leftEarly = new Promise((resolve) => {
      void input.left.then((leave) => this.#session === undefined && resolve(leave));
    });
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
    const conversation = new Conversation(new PathMap(roots, copies, hostLinks), this.host.monotonic);
    const session = this.#session = new Session({
      conversation,
      copies: new GuestCopies(copies, async (argv, most) => await running?.output(argv, most)),
      editor: { input: prepended(this.begun.body, this.input), output: this.output },
      stderr: io.stderr,
      now: this.host.monotonic,
    });
    const start: Run["backend"]["start"] = (plan, io, events, size) => {
      const started = running = backend.start(plan, io, events, size);
      void this.#watch(session, conversation, started);
      return {
        exited: this.#exit(started.exited, session),
        signal: (name, scope) => this.#signal(started, name, scope),
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

  /** Ends the server when the editor has left, or the session makes no sense any more. */
  async #watch(session: Session, conversation: Conversation, running: Running): Promise<void> {
    const left = this.input.left.then((leave) => {
      if (leave instanceof NobodyReads) return new SessionBroken(`the server does not listen: ${leave.message}`);
      return leave instanceof Error ? session.ended : leave; // the session comes to it in its turn
    });
    const end = await Promise.race([session.ended, left, running.exited.then(() => "gone", () => "gone")]);
    if (end === "gone") return;
    if (end instanceof SessionBroken) {
      this.broken = new SiloError(`could not go on with the language server of ${this.tool}: ${end.message}`);
      const params = { type: 1, message: `silo: ${printable(end.message)}` };
      const told = session.tell({ jsonrpc: "2.0", method: "window/showMessage", params }).catch(() => {});
      await within(told, GRACE_MS);
      return this.#kill(running, { code: 0 });
    }
    // Whether it had asked for a shutdown is known when the server has been given all, or has had time enough for it.
    await this.#killLate(running, () => ({ code: end === "exit" && !conversation.isShuttingDown ? 1 : 0 }));
  }

  /** A signal for silo is one for the server; one that would end most programs ends this one in any case. */
  async #signal(running: Running, name: string, scope: SignalScope): Promise<void> {
    const number = ENDS[name];
    if (number !== undefined) void this.#killLate(running, () => ({ signal: name, number }));
    await running.signal(name, scope);
  }

  async #killLate(running: Running, ending: () => Exit): Promise<void> {
    const gone = running.exited.then(() => true, () => true);
    if (await within(gone, GRACE_MS) === undefined) this.#kill(running, ending());
  }

  #kill(running: Running, ending: Exit): void {
    this.#ending ??= ending;
    running.kill();
  }

  /** An end by silo's own hand is the one that was asked for; one by the server's own is told to whoever waits for it. */
  async #exit(exited: Promise<Exit>, session: Session): Promise<Exit> {
    try {
      const exit = await exited;
      await within(session.fail(`the language server ended with ${exitCodeOf(exit)}`).catch(() => {}), GRACE_MS);
      return exit;
    } catch (error) {
      if (error instanceof MachineKilled && this.#ending !== undefined) return this.#ending;
      throw error;
    }
  }
}

async function* prepended(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
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
