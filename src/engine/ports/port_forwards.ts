/**
 * Ports of the host whose connections go to servers in the sandbox.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import { BufferedReader } from "../../network/io/buffered_reader.ts";
import { closeQuietly } from "../../network/io/duplex.ts";
import { relay } from "../../network/io/relay.ts";
import type { DataStream } from "../data_socket.ts";
import type { PortForward } from "./plan_ports.ts";

/** Opens a connection to a port of the sandbox; rejects if that cannot be. */
export type OpenPort = (port: number) => Promise<DataStream>;

/** Connections at one time; more wait in the kernel's queue. The wire has room for 1,024 streams of ours. */
const MAX_CONNECTIONS = 1_000;

export class PortForwards {
  readonly #listeners = new Map<Deno.TcpListener, PortForward>();
  readonly #open = new Set<{ close(): void }>();
  #openPort: OpenPort | undefined;
  #connections = 0;
  #waiting: (() => void)[] = [];

  /** Connections are taken from now on: before, they wait. */
  serve(openPort: OpenPort): void {
    this.#openPort = openPort;
    for (const [listener, { guestPort }] of this.#listeners) this.#accept(listener, guestPort, openPort);
  }

  /**
   * Opens a port of the host.
   *
   * @returns the port; another one if 0 was asked for.
   * @throws {SiloError} if it is taken or may not be opened.
   */
  add(forward: PortForward): number {
    const { address, hostPort, guestPort } = forward;
    let listener: Deno.TcpListener;
    try {
      listener = Deno.listen({ hostname: address, port: hostPort });
    } catch (cause) {
      throw cannotListen(forward, cause);
    }
    this.#listeners.set(listener, forward);
    if (this.#openPort !== undefined) this.#accept(listener, guestPort, this.#openPort);
    return listener.addr.port;
  }

  /** Closes what leads to a port of the sandbox; connections that are there stay. */
  remove(guestPort: number): void {
    for (const [listener, forward] of this.#listeners) {
      if (forward.guestPort !== guestPort) continue;
      this.#listeners.delete(listener);
      closeQuietly(listener);
    }
  }

  close(): void {
    for (const listener of this.#listeners.keys()) closeQuietly(listener);
    this.#listeners.clear();
    for (const connection of this.#open) closeQuietly(connection);
  }

  async #accept(listener: Deno.TcpListener, port: number, openPort: OpenPort): Promise<void> {
    try {
      for (;;) {
        while (this.#connections >= MAX_CONNECTIONS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
        const connection = await listener.accept();
        this.#connections++;
        this.#carry(connection, port, openPort).finally(() => {
          this.#connections--;
          this.#waiting.shift()?.();
        });
      }
    } catch { /* the listener was closed */ }
  }

  async #carry(client: Deno.TcpConn, port: number, openPort: OpenPort): Promise<void> {
    this.#open.add(client);
    let server: Deno.Conn | undefined;
    try {
      client.setNoDelay(true);
      const stream = await openPort(port);
      server = stream.connection;
      this.#open.add(server);
      await relay(
        { stream: client, reader: new BufferedReader(client) },
        { stream: server, reader: new BufferedReader(server, stream.first) },
        () => {},
      );
    } catch {
      /* nobody listens there, or one side is gone: both ends learn of it */
    } finally {
      for (const connection of [client, server]) {
        if (connection === undefined) continue;
        this.#open.delete(connection);
        closeQuietly(connection);
      }
    }
  }
}

function cannotListen({ address, hostPort, guestPort }: PortForward, cause: unknown): SiloError {
  const place = address.includes(":") ? `[${address}]:${hostPort}` : `${address}:${hostPort}`;
  const why = cause instanceof Deno.errors.AddrInUse
    ? "another program has that port"
    : cause instanceof Deno.errors.PermissionDenied
    ? "that port is for root alone"
    : "this machine has no such address";
  const other = hostPort < 1_024 ? 8_000 + hostPort : hostPort % 65_535 + 1;
  return new SiloError(`could not open ${place} for port ${guestPort} of the sandbox: ${why}`, {
    hint: `Choose another port of this machine: "${other}:${guestPort}".`,
    cause,
  });
}
