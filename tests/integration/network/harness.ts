/**
 * An egress whose outside world is made of servers on this machine's loopback: names and addresses of the internet are
 * mapped to them, and whatever is not mapped is written down and never dialled.
 */
import { Egress, type EgressDeps } from "../../../src/network/egress.ts";
import type { EgressHeader } from "../../../src/network/header.ts";
import type { Duplex } from "../../../src/network/io/duplex.ts";
import type { Denial } from "../../../src/network/ledger.ts";
import { composePolicy, type NetworkSection } from "../../../src/network/policy/compose.ts";
import type { NetworkMode } from "../../../src/network/policy/policy.ts";

export interface World {
  /** The answers of the resolver, one list after the other for a name that changes; the last one stays. */
  readonly names?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** `address:port` to the loopback port that stands for it. */
  readonly servers?: Readonly<Record<string, number>>;
}

export interface TestEgress extends AsyncDisposable {
  readonly egress: Egress;
  /** Every dial, as `address:port`, also those that were not mapped. */
  readonly dialled: string[];
  readonly looked: string[];
  readonly logged: Denial[];
  /** A stream of the guest. */
  connect(header?: Partial<EgressHeader> & Record<string, unknown>): Promise<Client>;
  /** A TCP port whose connections are streams of the guest's proxy port. */
  readonly port: number;
}

/** Address of the one public server that most tests need. */
export const PUBLIC = "93.184.216.34";

export function testEgress(
  section: NetworkSection,
  world: World = {},
  options: Partial<EgressDeps> & { mode?: NetworkMode } = {},
): TestEgress {
  const dialled: string[] = [];
  const looked: string[] = [];
  const logged: Denial[] = [];
  const bugs: unknown[] = [];
  const answers = new Map(Object.entries(world.names ?? {}).map(([name, lists]) => [name, [...lists]]));
  const open = new Set<Deno.Conn>();
  const egress = new Egress(composePolicy([section], "run", options.mode), {
    resolve(name) {
      looked.push(name);
      const lists = answers.get(name);
      if (lists === undefined) return Promise.reject(new Error("no such name"));
      return Promise.resolve(lists.length > 1 ? lists.shift()! : lists[0]!);
    },
    async dial(address, port) {
      dialled.push(`${address}:${port}`);
      const mapped = world.servers?.[`${address}:${port}`];
      if (mapped === undefined) throw new Deno.errors.ConnectionRefused("Connection refused (os error 111)");
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: mapped });
      connection.setNoDelay(true);
      open.add(connection);
      return connection;
    },
    ownAddresses: () => new Set(["203.0.113.77"]),
    log: (denial) => logged.push(denial),
    clock: () => Date.UTC(2026, 0, 2, 3, 4, 5),
    bug: (error) => bugs.push(error),
    ...options,
  });
  const path = Deno.makeTempDirSync({ prefix: "silo-egress-" });
  const unix = Deno.listen({ transport: "unix", path: `${path}/data` });
  const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served: Promise<void>[] = [];
  const pending: { header: EgressHeader; first?: Uint8Array }[] = [];
  const accept = async (listener: Deno.Listener, next: () => { header: EgressHeader; first?: Uint8Array }) => {
    try {
      for await (const connection of listener) {
        const { header, first } = next();
        if ("setNoDelay" in connection) (connection as Deno.TcpConn).setNoDelay(true);
        served.push(egress.serve(connection as Deno.Conn, header, first));
      }
    } catch { /* closed */ }
  };
  accept(unix as unknown as Deno.Listener, () => pending.shift()!);
  accept(tcp, () => ({ header: { stream: "egress", via: "proxy" } }));
  const clients: Client[] = [];
  return {
    egress,
    dialled,
    looked,
    logged,
    port: tcp.addr.port,
    async connect(header = { via: "proxy" }) {
      pending.push({ header: { stream: "egress", ...header } as EgressHeader });
      const client = new Client(await Deno.connect({ transport: "unix", path: `${path}/data` }));
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const listener of [unix, tcp]) listener.close();
      egress.close();
      for (const client of clients) client.close();
      await Promise.all(served);
      for (const connection of open) {
        try {
          connection.close();
        } catch { /* as it should be */ }
      }
      Deno.removeSync(path, { recursive: true });
      if (bugs.length > 0) throw new AggregateError(bugs, "the egress has bugs");
    },
  };
}

/** The guest's end of a stream. */
export class Client {
  readonly connection: Duplex;
  #text = "";

  constructor(connection: Duplex) {
    this.connection = connection;
  }

  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? Uint8Array.from(data, (character) => character.charCodeAt(0)) : data;
    let done = 0;
    while (done < bytes.length) done += await this.connection.write(bytes.subarray(done));
  }

  /** Reads on until what was read and not taken matches, or begins with the text, and takes that. */
  async expect(pattern: RegExp | string): Promise<string> {
    if (typeof pattern === "string") {
      const found = await this.take(pattern.length);
      if (found !== pattern) throw new Error(`${JSON.stringify(found)} came, not ${JSON.stringify(pattern)}`);
      return found;
    }
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found !== null) {
        const text = this.#text.slice(0, found.index + found[0].length);
        this.#text = this.#text.slice(text.length);
        return text;
      }
      if (!await this.#more()) throw new Error(`the stream ended with ${JSON.stringify(this.#text)}, not ${pattern}`);
    }
  }

  /** Reads on to that many bytes, and takes them. */
  async take(count: number): Promise<string> {
    while (this.#text.length < count) {
      if (!await this.#more()) throw new Error(`the stream ended with ${JSON.stringify(this.#text)}`);
    }
    const text = this.#text.slice(0, count);
    this.#text = this.#text.slice(count);
    return text;
  }

  /** Everything up to the end of the stream. A reset counts as an end. */
  async rest(): Promise<string> {
    while (
      await this.#more().catch((error) => {
        if (/nothing more came/.test(error.message)) throw error;
        return false;
      })
    );
    return this.#text;
  }

  close(): void {
    try {
      this.connection.close();
    } catch { /* closed before */ }
  }

  async #more(): Promise<boolean> {
    const buffer = new Uint8Array(65_536);
    // A test that waits in vain says so instead of hanging.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing more came behind ${JSON.stringify(this.#text)}`)), 10_000);
    });
    const count = await Promise.race([this.connection.read(buffer), late]).finally(() => clearTimeout(timer));
    if (count === null) return false;
    for (const byte of buffer.subarray(0, count)) this.#text += String.fromCharCode(byte);
    return true;
  }
}

/** A TCP server on loopback that runs `handle` for each connection and keeps what each one sent. */
export function tcpServer(
  handle: (connection: Deno.Conn, server: { received: string[] }) => Promise<void>,
): { port: number; received: string[]; connections: number } & AsyncDisposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const server = {
    port: listener.addr.port,
    received: [] as string[],
    connections: 0,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch { /* closed before */ }
      }
      await Promise.allSettled(running);
    },
  };
  const running: Promise<void>[] = [];
  (async () => {
    try {
      for await (const connection of listener) {
        open.add(connection);
        server.connections++;
        running.push(handle(connection, server).catch(() => {}));
      }
    } catch { /* closed */ }
  })();
  return server;
}

/** Sends back what it gets, and ends when the other side does. */
export const echo = async (connection: Deno.Conn): Promise<void> => {
  const buffer = new Uint8Array(65_536);
  for (let count; (count = await connection.read(buffer)) !== null;) {
    for (let done = 0; done < count;) done += await connection.write(buffer.subarray(done, count));
  }
  await connection.closeWrite();
};

/**
 * An HTTP server that answers every request with its own head and the length of its body, written by hand so that it
 * can be as stupid as servers are.
 */
export function httpServer(answer?: (head: string, body: string) => string) {
  return tcpServer(async (connection, server) => {
    const client = new Client(connection);
    for (;;) {
      const head = await client.expect(/\r\n\r\n/);
      server.received.push(head);
      const length = /^content-length: (\d+)/im.exec(head)?.[1];
      let body = "";
      if (length !== undefined && length !== "0") body = await client.expect(new RegExp(`^[^]{${length}}`));
      else if (/^transfer-encoding: chunked/im.test(head)) body = await client.expect(/(^|\r\n)0\r\n\r\n/);
      const text = answer?.(head, body);
      if (text !== undefined) {
        await client.send(text);
        continue;
      }
      const reply = `${head.split("\r\n")[0]} ${body.length}`;
      await client.send(`HTTP/1.1 200 OK\r\nContent-Length: ${reply.length}\r\n\r\n${reply}`);
    }
  });
}
