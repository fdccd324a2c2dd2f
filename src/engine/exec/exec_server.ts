/**
 * Lets `silo exec` start further processes in the machine of a run: the silo that owns the machine asks the helper, and
 * moves the bytes between the helper's streams and the caller's.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import { textOf } from "../../helper/byte_string.ts";
import type { HelperClient } from "../../helper/client.ts";
import { exitOf, processOf, textField } from "../../helper/light_checks.ts";
import { within } from "../../within.ts";
import type { DataSocket, StreamName } from "../data_socket.ts";
import { pumpIn, pumpOut } from "../pumps.ts";
import type { RunPlan } from "../run_plan.ts";
import { LineReader, sendLine } from "./lines.ts";
import { EXEC_SOCKET, type ExecPlan, type FromClient, type FromOwner, type Hello, streamsOf } from "./messages.ts";

const START_LIMIT_MS = 60_000;
const CONTROL_LIMIT_MS = 5_000;
/** How long a caller's connections and the helper's may take to be there. */
const CONNECT_LIMIT_MS = 10_000;

/** What the server needs of the run that owns the machine. */
export interface Machine {
  readonly client: Pick<HelperClient, "request">;
  readonly socket: Pick<DataSocket, "stream">;
  readonly plan: RunPlan;
  /** A number that no process of the machine has had. */
  nextProcess(): number;
}

interface CallerStream {
  readonly connection: Deno.Conn;
  readonly first: Uint8Array;
}

export class ExecServer {
  readonly #listener: Deno.UnixListener;
  readonly #streams = new Map<string, PromiseWithResolvers<CallerStream>>();
  /** What is to be told of each process under way. */
  readonly #listeners = new Map<number, (message: FromOwner) => void>();

  /** @param directory the run directory, which nobody but its owner can enter. */
  constructor(directory: string, private readonly machine: Machine) {
    this.#listener = Deno.listen({ transport: "unix", path: `${directory}/${EXEC_SOCKET}` });
    this.#listener.unref();
    this.#acceptAll();
  }

  /** Hands a `process/exited` or `process/stopped` on to the caller whose process it is about. */
  notify(params: unknown): void {
    const listener = this.#listeners.get(processOf(params) ?? 0);
    const exited = exitOf(params);
    listener?.(exited === undefined ? { stopped: textField(params, "signal") } : { exited });
  }

  close(): void {
    try {
      this.#listener.close();
    } catch { /* closed before */ }
  }

  async #acceptAll(): Promise<void> {
    try {
      for await (const connection of this.#listener) this.#greet(connection).catch(() => close(connection));
    } catch { /* the listener was closed */ }
  }

  async #greet(connection: Deno.Conn): Promise<void> {
    const lines = new LineReader(connection);
    const hello = JSON.parse(await within(lines.line(), CONNECT_LIMIT_MS) ?? "null") as Hello | null;
    if (hello === null) return close(connection);
    if ("stream" in hello) this.#entry(hello.session, hello.stream).resolve({ connection, first: lines.rest() });
    else await this.#serve(connection, lines, hello);
  }

  #entry(session: string, stream: StreamName): PromiseWithResolvers<CallerStream> {
    const key = `${session} ${stream}`;
    const entry = this.#streams.get(key) ?? Promise.withResolvers<CallerStream>();
    this.#streams.set(key, entry);
    return entry;
  }

  async #serve(control: Deno.Conn, lines: LineReader, hello: Extract<Hello, { start: unknown }>): Promise<void> {
    const process = this.machine.nextProcess();
    const ended = Promise.withResolvers<FromOwner>();
    this.#listeners.set(process, (message) => {
      if ("exited" in message) ended.resolve(message);
      else void sendLine(control, message);
    });
    try {
      const outputs = this.#connect(process, hello);
      await this.machine.client.request(
        "process/start",
        this.#spec(process, hello.start, hello.size),
        { doing: `run ${textOf(hello.start.argv[0] ?? "")}`, program: textOf(hello.start.argv[0] ?? "") },
        START_LIMIT_MS,
      );
      await sendLine(control, { started: true });
      const gone = this.#obey(process, lines);
      const message = await Promise.race([ended.promise, gone]);
      if (message === undefined) {
        return await this.#request("process/signal", { process, signal: "SIGHUP", scope: "group" });
      }
      await within(Promise.all(outputs), CONNECT_LIMIT_MS);
      await sendLine(control, message);
    } catch (error) {
      const { message, hint, exitCode } = error instanceof SiloError ? error : new SiloError(String(error));
      await sendLine(control, { failed: { message, hint, exitCode } });
    } finally {
      this.#listeners.delete(process);
      for (const stream of streamsOf(hello.start.stdio)) this.#streams.delete(`${hello.session} ${stream}`);
      close(control);
    }
  }

  /** Moves bytes as streams are there on both sides; the promises are those of the outputs' ends. */
  #connect(process: number, { session, start }: { session: string; start: ExecPlan["process"] }): Promise<void>[] {
    return streamsOf(start.stdio).flatMap((name) => {
      const both = Promise.all([this.#entry(session, name).promise, this.machine.socket.stream(name, process)]);
      const moved = both.then(async ([caller, inner]) => {
        if (name === "stdin") return await pumpIn(withFirst(caller), inner);
        await pumpOut(inner, caller.connection);
        close(caller.connection); // its end is what the caller waits for
      });
      return name === "stdin" ? [] : [moved];
    });
  }

  /** Does what the caller asks until it is gone. */
  async #obey(process: number, lines: LineReader): Promise<undefined> {
    for (let line = await lines.line(); line !== undefined; line = await lines.line()) {
      const message = JSON.parse(line) as FromClient;
      if ("resize" in message) await this.#request("process/resize", { process, ...message.resize });
      else await this.#request("process/signal", { process, signal: message.signal, scope: message.scope });
    }
  }

  async #request(...[method, params]: ControlRequest): Promise<void> {
    await this.machine.client.request(method, params as never, { doing: method }, CONTROL_LIMIT_MS).catch(() => {});
  }

  #spec(process: number, start: ExecPlan["process"], size: { rows: number; columns: number } | null) {
    const own = this.machine.plan.process;
    const user = start.root ? { uid: 0, gid: 0, groups: [] } : { ...own.user, groups: [...own.user.groups] };
    const given = new Set(start.env.map(nameOf));
    return {
      process,
      argv: [...start.argv],
      env: [...own.env.filter((entry) => !given.has(nameOf(entry))), ...start.env],
      cwd: start.cwd ?? own.cwd,
      user,
      stdio: start.stdio,
      ...(start.terminal === null
        ? {}
        : { terminal: { ...(size ?? { rows: 24, columns: 80 }), mode: start.terminal.mode } }),
    };
  }
}

type ControlRequest =
  | ["process/signal", { process: number; signal: string; scope: "process" | "group" }]
  | ["process/resize", { process: number; rows: number; columns: number }];

function nameOf(entry: Parameters<typeof textOf>[0]): string {
  return textOf(entry).split("=", 1)[0]!;
}

/** The caller's bytes, with those that came behind its first line before the others. */
function withFirst({ connection, first }: CallerStream) {
  let left = first;
  return {
    async read(buffer: Uint8Array): Promise<number | null> {
      if (left.length === 0) return await connection.read(buffer);
      const count = Math.min(left.length, buffer.length);
      buffer.set(left.subarray(0, count));
      left = left.subarray(count);
      return count;
    },
  };
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch { /* closed before */ }
}
