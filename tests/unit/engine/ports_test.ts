import { deepStrictEqual as same, match, ok, rejects, throws } from "node:assert/strict";
import type { DataStream } from "../../../src/engine/data_socket.ts";
import { parseForward, planPorts } from "../../../src/engine/ports/plan_ports.ts";
import { PortForwards } from "../../../src/engine/ports/port_forwards.ts";
import { PortWatch } from "../../../src/engine/ports/port_watch.ts";
import { SiloError } from "../../../src/errors.ts";

Deno.test("a port is written as itself, as host:sandbox, or with an address before it", () => {
  same(parseForward(5173), { address: "127.0.0.1", hostPort: 5173, guestPort: 5173 });
  same(parseForward("8080:80"), { address: "127.0.0.1", hostPort: 8080, guestPort: 80 });
  same(parseForward("0.0.0.0:8080"), { address: "0.0.0.0", hostPort: 8080, guestPort: 8080 });
  same(parseForward("[::1]:8080:80"), { address: "::1", hostPort: 8080, guestPort: 80 });
  for (const bad of [0, 65_536, "", "x", "80:", ":80", "1:2:3", "1.2.3:80", "host:80:80", "80:0", "-1", "[::1]"]) {
    throws(() => parseForward(bad), SiloError, String(bad));
  }
});

Deno.test("of two settings for one port of the host the later counts, and auto stands beside them", () => {
  same(planPorts(["8080:80", "auto", "8080:81", 3000], true), {
    forwards: [
      { address: "127.0.0.1", hostPort: 8080, guestPort: 81 },
      { address: "127.0.0.1", hostPort: 3000, guestPort: 3000 },
    ],
    auto: true,
    offer: true,
  });
});

Deno.test("a port that is taken is told before anything starts", () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const forwards = new PortForwards();
  const { port } = taken.addr;
  throws(
    () => forwards.add({ address: "127.0.0.1", hostPort: port, guestPort: 80 }),
    new RegExp(`could not open 127.0.0.1:${port} for port 80 of the sandbox: another program has that port`),
  );
  throws(() => forwards.add({ address: "192.0.2.1", hostPort: port, guestPort: 80 }), /no such address/);
});

Deno.test("a thousand connections, each both ways, with a half-close on either side", async () => {
  await using guest = sandbox();
  const { port } = guest;
  await Promise.all(Array.from({ length: 1_000 }, async (_, index) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(new TextEncoder().encode(`request ${index}`));
    await connection.closeWrite();
    same(await new Response(connection.readable).text(), `request ${index}, and goodbye`);
  }));
});

Deno.test("connections wait until the program runs, and end with the run", async () => {
  const forwards = new PortForwards();
  const port = forwards.add({ address: "127.0.0.1", hostPort: 0, guestPort: 80 });
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const asked: number[] = [];
  forwards.serve((guestPort) => {
    asked.push(guestPort);
    return Promise.reject(new Error("nobody listens"));
  });
  same(await connection.read(new Uint8Array(1)), null);
  same(asked, [80]);
  connection.close();
  forwards.close();
  await rejects(Deno.connect({ hostname: "127.0.0.1", port }));
});

Deno.test("ports are offered once each, with the command that opens them, and not those that are open", () => {
  const { watch, said } = watching(["8080:3000"], { offer: true });
  watch.listening({ ports: [3000, 5173] });
  watch.listening({ ports: [5173] });
  watch.listening({ ports: [] });
  watch.listening({ ports: [5173] });
  same(said, ["port 5173 is open in the sandbox; silo config ports add node 5173"]);
});

Deno.test("auto opens what is listened on and closes it when it is not any more", () => {
  const { watch, said, opened } = watching(["auto"], { offer: true, taken: [5173] });
  watch.listening({ ports: [3000, 5173] });
  same([...opened.values()], ["3000:3000", "40000:5173"]);
  match(said[1]!, /port 5173 of the sandbox is 127.0.0.1:40000 here, for 5173 cannot be had/);
  watch.listening({ ports: [5173] });
  same([...opened.keys()], [5173]);
});

Deno.test("a sandbox that opens thousands of ports is told of a few, and nonsense of none", () => {
  const { watch, said } = watching([], { offer: true });
  watch.listening({ ports: Array.from({ length: 5_000 }, (_, index) => index + 1) });
  for (const nonsense of [undefined, null, {}, { ports: "80" }, { ports: [0, -1, 1e9, "x", null] }]) {
    watch.listening(nonsense);
  }
  same(said.length, 16);
  const quiet = watching([], { offer: false });
  quiet.watch.listening({ ports: [80] });
  same(quiet.said, []);
});

function watching(settings: (string | number)[], options: { offer: boolean; taken?: number[] }) {
  const said: string[] = [];
  const opened = new Map<number, string>();
  const watch = new PortWatch("node", planPorts(settings, options.offer), {
    add: ({ hostPort, guestPort }) => {
      if (options.taken?.includes(hostPort)) throw new SiloError("taken");
      const port = hostPort || 40_000;
      opened.set(guestPort, `${port}:${guestPort}`);
      return port;
    },
    remove: (port) => void opened.delete(port),
  }, (text) => said.push(text));
  return { watch, said, opened };
}

/** A server behind a forward, as the helper connects one: it says goodbye when the client has said all. */
function sandbox() {
  const directory = Deno.makeTempDirSync();
  const listener = Deno.listen({ transport: "unix", path: `${directory}/data` });
  const serving = (async () => {
    const all: Promise<void>[] = [];
    try {
      for await (const connection of listener) {
        all.push((async () => {
          const buffer = new Uint8Array(1_000);
          for (let count; (count = await connection.read(buffer)) !== null;) {
            await connection.write(buffer.subarray(0, count));
          }
          await connection.write(new TextEncoder().encode(", and goodbye"));
          await connection.closeWrite();
          connection.close();
        })());
      }
    } catch { /* closed */ }
    await Promise.all(all);
  })();
  const forwards = new PortForwards();
  const port = forwards.add({ address: "127.0.0.1", hostPort: 0, guestPort: 80 });
  forwards.serve(async (guestPort): Promise<DataStream> => {
    ok(guestPort === 80);
    return {
      connection: await Deno.connect({ transport: "unix", path: `${directory}/data` }),
      first: new Uint8Array(),
    };
  });
  return {
    port,
    async [Symbol.asyncDispose]() {
      listener.close();
      forwards.close();
      await serving;
      Deno.removeSync(directory, { recursive: true });
    },
  };
}
