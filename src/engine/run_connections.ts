/**
 * What leads out of one run's sandbox and into it: its egress, its ports, and the person's ssh-agent. Each part is
 * loaded only by a run that has it.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { within } from "../within.ts";
import type { NetworkOutcome } from "./backend.ts";
import type { DataStream } from "./data_socket.ts";
import type { PortForwards } from "./ports/port_forwards.ts";
import type { PortWatch } from "./ports/port_watch.ts";
import type { RunEgress } from "./run_egress.ts";
import type { RunPlan } from "./run_plan.ts";
import type { SshAgent } from "./ssh_agent/serve_agent.ts";

const OPEN_LIMIT_MS = 10_000;

/** Asks the helper for a connection to a port of the sandbox, which then comes over the data socket. */
export type AskForPort = (stream: number, port: number) => Promise<unknown>;

export class RunConnections {
  readonly #egress: RunEgress | undefined;
  readonly #agent: SshAgent | undefined;
  readonly #forwards: PortForwards | undefined;
  readonly #watch: PortWatch | undefined;
  /** Connections to ports that were asked for and are not here yet. */
  readonly #expected = new Map<number, PromiseWithResolvers<DataStream>>();
  #lastStream = 0;

  private constructor(
    egress: RunEgress | undefined,
    agent: SshAgent | undefined,
    forwards: PortForwards | undefined,
    watch: PortWatch | undefined,
  ) {
    this.#egress = egress;
    this.#agent = agent;
    this.#forwards = forwards;
    this.#watch = watch;
  }

  /**
   * Makes what the plan asks for. Ports are opened, and nothing is served yet.
   *
   * @param say takes what a person should know.
   * @throws {import("../errors.ts").SiloError} if a port cannot be opened.
   */
  static async make(plan: RunPlan, host: Host, say: (message: string) => void): Promise<RunConnections> {
    const { network, ports, sshAgent } = plan;
    const egress = network && (await import("./run_egress.ts")).RunEgress.make(plan.tool, network, host, say);
    const agent = sshAgent && new (await import("./ssh_agent/serve_agent.ts")).SshAgent(sshAgent);
    const wantsPorts = ports.forwards.length > 0 || ports.auto || ports.offer;
    const forwards = wantsPorts ? new (await import("./ports/port_forwards.ts")).PortForwards() : undefined;
    let watch: PortWatch | undefined;
    if (forwards && (ports.auto || ports.offer)) {
      watch = new (await import("./ports/port_watch.ts")).PortWatch(plan.tool, ports, forwards, say);
    }
    try {
      for (const forward of ports.forwards) forwards?.add(forward);
    } catch (error) {
      forwards?.close();
      throw error;
    }
    return new RunConnections(await egress ?? undefined, agent ?? undefined, forwards, watch);
  }

  /** Certificate authorities, PEM, that the guest has to trust for this run. */
  get authority(): string | undefined {
    return this.#egress?.authority;
  }

  /** Takes a connection of the data socket that belongs to no process. */
  take(connection: Deno.Conn, header: { stream?: unknown; id?: unknown }, first: Uint8Array): void {
    const expected = typeof header.id === "number" ? this.#expected.get(header.id) : undefined;
    if (header.stream === "egress" && this.#egress) void this.#egress.serve(connection, header, first);
    else if (header.stream === "agent" && this.#agent) void this.#agent.serve(connection, first);
    else if (header.stream === "port" && expected) expected.resolve({ connection, first });
    else connection.close();
  }

  /** The program runs: connections to ports are taken from now on. */
  started(ask: AskForPort): void {
    this.#forwards?.serve((port) => this.#openPort(port, ask));
  }

  /** The helper's `ports/listening`. */
  listening(params: unknown): void {
    this.#watch?.listening(params);
  }

  /** Ends everything. Returns what came of the network; undefined if nothing was asked of it. */
  async close(): Promise<NetworkOutcome | undefined> {
    this.#forwards?.close();
    this.#agent?.close();
    return await this.#egress?.close();
  }

  async #openPort(port: number, ask: AskForPort): Promise<DataStream> {
    const stream = ++this.#lastStream;
    const expected = Promise.withResolvers<DataStream>();
    this.#expected.set(stream, expected);
    try {
      ask(stream, port).catch(expected.reject);
      const opened = await within(expected.promise, OPEN_LIMIT_MS);
      if (opened !== undefined) return opened;
      expected.promise.then(({ connection }) => connection.close(), () => {});
      throw new Error("silo-helper never connected it");
    } finally {
      this.#expected.delete(stream);
    }
  }
}
