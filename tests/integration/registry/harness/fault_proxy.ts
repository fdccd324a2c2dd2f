/**
 * A proxy in front of a registry that spoils chosen answers on the level of the connection, where it matters.
 *
 * @module
 */

/** What happens to an answer. */
export type Fault =
  /** The connection ends after that many bytes of the body. */
  | { readonly kind: "truncate"; readonly bytes: number }
  /** The connection ends without an answer. */
  | { readonly kind: "drop" }
  /** A byte of the body, counted from its start, is another one. */
  | { readonly kind: "corrupt"; readonly at: number }
  /** The body stops after that many bytes, and the connection stays. */
  | { readonly kind: "stall"; readonly bytes: number }
  /** The answer comes that much later, milliseconds. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Ranges are not known. */
  | { readonly kind: "no-ranges" }
  /** The body has more bytes than it should. */
  | { readonly kind: "longer"; readonly bytes: number }
  | {
    readonly kind: "answer";
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };

/** A request as the proxy saw it. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: Headers;
}

/** Chooses the fault of a request; `nth` counts requests of the same path from 1. */
export type FaultRule = (request: SeenRequest, nth: number) => Fault | undefined;

export interface FaultProxy extends AsyncDisposable {
  readonly host: string;
  rule: FaultRule;
  readonly seen: SeenRequest[];
}

export function startFaultProxy(upstream: string): FaultProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const proxy = { rule: (() => undefined) as FaultRule, seen: [] as SeenRequest[] };
  const counts = new Map<string, number>();
  const accepting = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      serve(connection).catch(() => {}).finally(() => {
        open.delete(connection);
        try {
          connection.close();
        } catch { /* closed by its fault */ }
      });
    }
  })();

  async function serve(connection: Deno.Conn): Promise<void> {
    const request = await readRequest(connection);
    if (request === undefined) return;
    proxy.seen.push(request);
    const nth = (counts.get(request.path) ?? 0) + 1;
    counts.set(request.path, nth);
    const fault = proxy.rule(request, nth);
    if (fault?.kind === "drop") return;
    if (fault?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault?.kind === "answer") {
      const { status, headers = {}, body = "" } = fault;
      await writeAll(connection, head(status, new Headers({ ...headers, "content-length": `${body.length}` })));
      return await writeAll(connection, new TextEncoder().encode(body));
    }
    const headers = new Headers(request.headers);
    headers.delete("connection");
    if (fault?.kind === "no-ranges") headers.delete("range");
    const answer = await fetch(`http://${upstream}${request.path}`, { headers, redirect: "manual" });
    await spoil(connection, answer, fault);
  }

  return Object.assign(proxy, {
    host: `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting.catch(() => {});
      for (const connection of open) connection.close();
    },
  });
}

async function spoil(connection: Deno.Conn, answer: Response, fault: Fault | undefined): Promise<void> {
  const body = new Uint8Array(await answer.arrayBuffer());
  const headers = new Headers(answer.headers);
  if (fault?.kind === "corrupt" && body.length > 0) body[Math.min(fault.at, body.length - 1)]! ^= 0xff;
  if (fault?.kind === "longer") {
    headers.set("content-length", `${body.length + fault.bytes}`);
    await writeAll(connection, head(answer.status, headers));
    await writeAll(connection, body);
    return await writeAll(connection, new Uint8Array(fault.bytes));
  }
  await writeAll(connection, head(answer.status, headers));
  if (fault?.kind === "truncate") return await writeAll(connection, body.subarray(0, fault.bytes));
  if (fault?.kind === "stall") {
    await writeAll(connection, body.subarray(0, fault.bytes));
    await connection.read(new Uint8Array(1)); // until the client gives up
    return;
  }
  await writeAll(connection, body);
}

function head(status: number, headers: Headers): Uint8Array {
  headers.set("connection", "close");
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return new TextEncoder().encode(`HTTP/1.1 ${status} Spoiled\r\n${lines}\r\n`);
}

/** Reads the head of a GET; undefined if the peer closes or does not speak HTTP (a TLS greeting, for one). */
async function readRequest(connection: Deno.Conn): Promise<SeenRequest | undefined> {
  let text = "";
  const buffer = new Uint8Array(16384);
  while (!text.includes("\r\n\r\n")) {
    const n = await connection.read(buffer);
    if (n === null || buffer[0] === 0x16) return undefined;
    text += new TextDecoder("latin1").decode(buffer.subarray(0, n));
  }
  const [start, ...lines] = text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n");
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  return { path: start!.split(" ")[1]!, headers };
}

async function writeAll(connection: Deno.Conn, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length;) at += await connection.write(data.subarray(at));
}
