/**
 * A machine of the helper under test: its run directory, its data socket, its processes.
 *
 * @module
 */
import type { Params } from "../../src/helper/protocol.ts";
import { HelperUnderTest, type Message } from "./helper.ts";

/** All of a machine but what a test makes itself. */
export type Template = Omit<Params<"machine/start">, "runDirectory" | "dataSocket" | "shares">;

/** What a process gave. */
export interface Ended {
  readonly exit: Message;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: string;
}

/** A cold boot under emulation on a loaded machine stays under this, milliseconds. */
const BOOT_LIMIT_MS = 240_000;
const PROCESS_LIMIT_MS = 90_000;

/** A started machine. Ends with `await using`, and is gone then. */
export class MachineUnderTest implements AsyncDisposable {
  readonly helper: HelperUnderTest;
  readonly runDirectory: string;
  /** Shared with the guest at /workspace. */
  readonly project: string;
  readonly started: Message;
  readonly #listener: Deno.Listener;
  readonly #connections = new Map<string, PromiseWithResolvers<Deno.Conn>>();
  #next = 1;

  private constructor(
    helper: HelperUnderTest,
    run: string,
    project: string,
    started: Message,
    listener: Deno.Listener,
  ) {
    [this.helper, this.runDirectory, this.project, this.started] = [helper, run, project, started];
    this.#listener = listener;
    this.#accept();
  }

  static async start(template: Template): Promise<MachineUnderTest> {
    const runDirectory = await Deno.makeTempDir({ dir: "/tmp", prefix: "silo-c-" });
    const project = await Deno.realPath(await Deno.makeTempDir({ prefix: "silo-c-project-" }));
    const dataSocket = `${runDirectory}/data`;
    const listener = Deno.listen({ transport: "unix", path: dataSocket });
    const helper = await HelperUnderTest.greeted();
    const shares = [{ tag: "workspace", hostPath: project, guestPath: "/workspace", readOnly: false }];
    const answer = await helper.request(
      "machine/start",
      { ...template, runDirectory, dataSocket, shares },
      BOOT_LIMIT_MS,
    );
    if (answer.error !== undefined) {
      await helper[Symbol.asyncDispose]();
      throw new Error(`the machine did not start: ${JSON.stringify(answer.error, null, 1)}`);
    }
    return new MachineUnderTest(helper, runDirectory, project, answer.result, listener);
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      let header = "";
      const byte = new Uint8Array(1);
      while (!header.endsWith("\n") && await connection.read(byte) === 1) header += String.fromCharCode(byte[0]!);
      const { process, stream } = JSON.parse(header);
      this.#entry(process, stream).resolve(connection);
    }
  }

  #entry(process: number, stream: string): PromiseWithResolvers<Deno.Conn> {
    const key = `${process} ${stream}`;
    const entry = this.#connections.get(key) ?? Promise.withResolvers<Deno.Conn>();
    this.#connections.set(key, entry);
    return entry;
  }

  /** A process of its own; what goes wrong with its start is in `answer.error`. */
  async process(argv: string[], changes: Partial<Params<"process/start">> = {}): Promise<ProcessUnderTest> {
    const number = this.#next++;
    const params: Params<"process/start"> = {
      process: number,
      argv,
      env: ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"],
      cwd: "/workspace",
      user: { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0, groups: [] },
      stdio: { stdin: "null", stdout: "pipe", stderr: "pipe" },
      ...changes,
    };
    const answer = await this.helper.request("process/start", params, PROCESS_LIMIT_MS);
    const { stdio } = params;
    const connect = (stream: string) => this.#entry(number, stream).promise;
    const outputs = {
      stdout: stdio.stdout === "pipe" ? connect("stdout") : undefined,
      stderr: stdio.stderr === "pipe" ? connect("stderr") : undefined,
      terminal: Object.values(stdio).includes("terminal") ? connect("terminal") : undefined,
    };
    return new ProcessUnderTest(this, number, answer, stdio.stdin === "null" ? undefined : connect("stdin"), outputs);
  }

  /** Runs a process to its end. */
  async run(argv: string[], changes: Partial<Params<"process/start">> = {}, input?: Uint8Array): Promise<Ended> {
    const stdio = { stdin: input === undefined ? "null" : "pipe", stdout: "pipe", stderr: "pipe" } as const;
    const process = await this.process(argv, { stdio, ...changes });
    if (input !== undefined) {
      const stdin = (await process.stdin)!;
      await write(stdin, input);
      stdin.close();
    }
    return await process.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.helper[Symbol.asyncDispose]();
    for (const { promise } of this.#connections.values()) promise.then((c) => c.close()).catch(() => {});
    for (const path of [this.runDirectory, this.project]) await Deno.remove(path, { recursive: true });
  }
}

/** One process and its streams. */
export class ProcessUnderTest {
  readonly #machine: MachineUnderTest;
  readonly number: number;
  readonly answer: Message;
  readonly stdin: Promise<Deno.Conn> | undefined;
  readonly #texts: Record<"stdout" | "stderr" | "terminal", Promise<string>>;
  #seen = "";
  #woken = Promise.withResolvers<void>();

  constructor(
    machine: MachineUnderTest,
    number: number,
    answer: Message,
    stdin: Promise<Deno.Conn> | undefined,
    outputs: Record<"stdout" | "stderr" | "terminal", Promise<Deno.Conn> | undefined>,
  ) {
    [this.#machine, this.number, this.answer, this.stdin] = [machine, number, answer, stdin];
    const read = async (connection: Promise<Deno.Conn> | undefined) => {
      let text = "";
      if (connection === undefined || answer.error !== undefined) return text;
      const decoder = new TextDecoder();
      for await (const chunk of (await connection).readable) {
        const part = decoder.decode(chunk, { stream: true });
        text += part;
        this.#seen += part;
        this.#woken.resolve();
        this.#woken = Promise.withResolvers();
      }
      return text;
    };
    this.#texts = { stdout: read(outputs.stdout), stderr: read(outputs.stderr), terminal: read(outputs.terminal) };
  }

  /** Waits until it has printed that. */
  async prints(text: string): Promise<void> {
    const late = AbortSignal.timeout(PROCESS_LIMIT_MS);
    late.addEventListener("abort", () => this.#woken.resolve());
    while (!this.#seen.includes(text)) {
      if (late.aborted) throw new Error(`it never printed ${JSON.stringify(text)} but ${JSON.stringify(this.#seen)}`);
      await this.#woken.promise;
    }
  }

  async signal(signal: string, scope: "process" | "group" = "process"): Promise<Message> {
    return await this.#machine.helper.request("process/signal", { process: this.number, signal, scope });
  }

  async resize(rows: number, columns: number): Promise<Message> {
    return await this.#machine.helper.request("process/resize", { process: this.number, rows, columns });
  }

  async end(): Promise<Ended> {
    if (this.answer.error !== undefined) throw new Error(JSON.stringify(this.answer.error));
    const { exit } = await this.#machine.helper.notification(
      "process/exited",
      PROCESS_LIMIT_MS,
      ({ process }) => process === this.number,
    );
    const [stdout, stderr, terminal] = await Promise.all(Object.values(this.#texts));
    return { exit, stdout: stdout!, stderr: stderr!, terminal: terminal! };
  }
}

async function write(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
