/**
 * Carries out `silo exec`: a process in the machine that another silo owns.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import type { Backend, Exit, RunEvents, RunIo, Running, SignalScope, WindowSize } from "../backend.ts";
import { MachineKilled } from "../backend.ts";
import type { StreamName } from "../data_socket.ts";
import { pumpIn, pumpOut } from "../pumps.ts";
import { LineReader, sendLine } from "./lines.ts";
import { EXEC_SOCKET, type ExecPlan, type FromOwner, streamsOf } from "./messages.ts";

/** The backend for the machine whose run directory this is. */
export function execBackend(directory: string, name: string): Backend<ExecPlan> {
  return {
    start: (plan, io, events, size) => new ExecRun(`${directory}/${EXEC_SOCKET}`, name, plan, io, events, size),
  };
}

class ExecRun implements Running {
  readonly exited: Promise<Exit>;
  readonly #session = crypto.randomUUID();
  readonly #connections: Deno.Conn[] = [];
  #control: Deno.Conn | undefined;
  #killed = false;

  constructor(
    private readonly path: string,
    private readonly name: string,
    private readonly plan: ExecPlan,
    private readonly io: RunIo,
    private readonly events: RunEvents,
    private readonly size: WindowSize | null,
  ) {
    this.exited = this.#run();
  }

  async signal(signal: string, scope: SignalScope): Promise<void> {
    if (this.#control) await sendLine(this.#control, { signal, scope });
  }

  async resize(size: WindowSize): Promise<void> {
    if (this.#control) await sendLine(this.#control, { resize: size });
  }

  output(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Leaves; the owner hangs up on the process. The machine is not ours to stop. */
  kill(): void {
    this.#killed = true;
    this.#close();
  }

  async #run(): Promise<Exit> {
    try {
      const { process } = this.plan;
      const outputs: Promise<void>[] = [];
      for (const stream of streamsOf(process.stdio)) {
        const connection = await this.#connect({ session: this.#session, stream });
        if (stream === "stdin") void pumpIn(this.io.stdin, { connection, first: new Uint8Array(0) });
        else outputs.push(pumpOut({ connection, first: new Uint8Array(0) }, this.#sink(stream)));
      }
      this.#control = await this.#connect({ session: this.#session, start: process, size: this.size });
      const exit = await this.#listen(new LineReader(this.#control));
      await Promise.all(outputs);
      return exit;
    } catch (error) {
      throw this.#killed ? new MachineKilled() : error;
    } finally {
      this.#close();
    }
  }

  async #listen(lines: LineReader): Promise<Exit> {
    for (let line = await lines.line(); line !== undefined; line = await lines.line()) {
      const message = JSON.parse(line) as FromOwner;
      if ("started" in message) this.events.started();
      else if ("stopped" in message) this.events.stopped(message.stopped);
      else if ("exited" in message) return message.exited;
      else throw new SiloError(message.failed.message, message.failed);
    }
    throw new SiloError(`could not go on: the sandbox ${this.name} ended`);
  }

  #sink(stream: StreamName) {
    const { stdout, stderr } = this.plan.process.stdio;
    if (stream === "stdout" || (stream === "terminal" && stdout === "terminal")) return this.io.stdout;
    if (stream === "stderr" || stderr === "terminal") return this.io.stderr;
    return { write: (data: Uint8Array) => Promise.resolve(data.length) };
  }

  async #connect(hello: unknown): Promise<Deno.Conn> {
    let connection: Deno.Conn;
    try {
      connection = await Deno.connect({ transport: "unix", path: this.path });
    } catch (cause) {
      throw new SiloError(`could not reach the sandbox ${this.name}: it is still starting, or has just ended`, {
        hint: "`silo ps` shows what runs.",
        cause,
      });
    }
    this.#connections.push(connection);
    await sendLine(connection, hello);
    return connection;
  }

  #close(): void {
    for (const connection of this.#connections) {
      try {
        connection.close();
      } catch { /* closed before */ }
    }
  }
}
