/** Ports of a real machine, reached from this one. */
import { deepStrictEqual as same, match, strictEqual as eq } from "node:assert/strict";
import { makeProject, silo, spawnSilo, until } from "../harness.ts";

const SERVER = `
import socket, sys, threading
def serve(connection):
    data = b""
    while piece := connection.recv(65536): data += piece
    connection.sendall(b"%d bytes, goodbye" % len(data))
    connection.close()
def listen(family, address, port):
    listener = socket.socket(family)
    listener.bind((address, port))
    listener.listen(1024)
    while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
threading.stack_size(65536)
for family, address, port in [(socket.AF_INET, "127.0.0.1", 4001), (socket.AF_INET6, "::1", 4002), (socket.AF_INET, "0.0.0.0", int(sys.argv[1]))]:
    threading.Thread(target=listen, args=(family, address, port), daemon=True).start()
print("up", flush=True)
sys.stdin.read()
`;

Deno.test("servers on 127.0.0.1, ::1 and every address are reached, a thousand times, and found by themselves", async () => {
  using project = makeProject({ "server.py": SERVER });
  const [v4, v6, auto] = [freePort(), freePort(), freePort()];
  const flags = ["--port", `${v4}:4001`, "--port", `${v6}:4002`, "--port", "auto"];
  const child = spawnSilo(["run", ...flags, "python", "server.py", String(auto)], { cwd: project.path });
  try {
    // Connections from before the server is there are refused by the sandbox, not by this machine.
    await until("the server answers", async () => (await talk(v4, 1).catch(() => "")) === "1 bytes, goodbye", 110_000);
    eq(await talk(v6, 70_000), "70000 bytes, goodbye");
    await until("the port is found", async () => (await talk(auto, 5).catch(() => "")) === "5 bytes, goodbye");
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, index) => talk(v4, index)));
    same(answers, Array.from({ length: 1_000 }, (_, index) => `${index} bytes, goodbye`));
    // Only this machine's loopback leads there.
    const others = Deno.networkInterfaces().filter(({ family, address }) =>
      family === "IPv4" && address !== "127.0.0.1"
    );
    for (const { address } of others) eq(await talk(v4, 1, address).catch(() => "refused"), "refused");
  } finally {
    await child.stdin.close().catch(() => {});
    await Promise.all([child.stdout.cancel(), child.stderr.cancel(), child.status]);
  }
  eq(await talk(v4, 1).catch(() => "refused"), "refused");
});

Deno.test("a taken port is told before any machine is started", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const run = await silo(["run", "--timing", "--port", `${port}:80`, "python", "-c", "print(1)"]);
  eq(run.code, 125, run.stderr);
  match(run.stderr, new RegExp(`^silo: could not open 127.0.0.1:${port} for port 80 of the sandbox: another program`));
  eq(run.stdout, "");
});

/** Sends that many bytes, then their end, and reads to the other end. */
async function talk(port: number, bytes: number, hostname = "127.0.0.1"): Promise<string> {
  const connection = await Deno.connect({ hostname, port });
  const data = new Uint8Array(bytes);
  for (let done = 0; done < bytes;) done += await connection.write(data.subarray(done));
  await connection.closeWrite();
  return await new Response(connection.readable).text();
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
