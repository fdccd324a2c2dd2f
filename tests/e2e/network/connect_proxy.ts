/** A company's HTTP proxy: tunnels by CONNECT to the places it knows, and answers plain requests by itself. */
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** What the proxy was asked: `METHOD target`, and the credentials that came with it. */
export interface Asked {
  readonly request: string;
  readonly authorization: string | undefined;
}

/** `places`: ports of 127.0.0.1 by what CONNECT names. */
export async function connectProxy(
  places: Readonly<Record<string, number>>,
): Promise<{ port: number; asked: Asked[] } & AsyncDisposable> {
  const asked: Asked[] = [];
  const note = ({ method, url, headers }: IncomingMessage) => {
    asked.push({ request: `${method} ${url}`, authorization: headers["proxy-authorization"] });
  };
  const server = createServer((request, response) => {
    note(request);
    response.end(`by the proxy: ${request.url}`);
  });
  server.on("connect", (request, client, head) => {
    note(request);
    const port = places[request.url ?? ""];
    if (port === undefined) return client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    const place = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      place.write(head);
      place.pipe(client).pipe(place);
    });
    for (const [one, other] of [[client, place], [place, client]]) one!.on("error", () => other!.destroy());
  });
  // Those of tunnels are not the server's own any more.
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
