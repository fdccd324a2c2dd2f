/**
 * `scripts/bench network`: what the way out of a VM costs, measured inside it. A request over the proxy against the same
 * one to a server in the same guest, so that what is left is the way: agent, VM's channel, helper, egress, and back.
 */
import { dirname } from "node:path/posix";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const TRANSFER_BYTES = 64 << 20;
const AT_ONCE = 500;

const GUEST = `
import http.client, http.server, json, socket, sys, threading, time
port, rounds, size, many = map(int, sys.argv[1:])
HOST = "host.silo.internal"
NAME = f"{HOST}:{port}".encode()

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "2"); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *_): pass

inside = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=inside.serve_forever, daemon=True).start()

def timed(action):
    taken = []
    for _ in range(rounds):
        start = time.perf_counter(); action(); taken.append((time.perf_counter() - start) * 1000)
    return sorted(taken)[len(taken) // 2]

def kept(host, port, target):
    connection = http.client.HTTPConnection(host, port, timeout=60)
    def ask():
        connection.request("GET", target, headers={"Host": f"{HOST}:{sys.argv[1]}"}); connection.getresponse().read()
    ask()
    return timed(ask)

def fresh(host, port, target):
    def ask():
        connection = http.client.HTTPConnection(host, port, timeout=60)
        connection.request("GET", target, headers={"Host": f"{HOST}:{sys.argv[1]}"}); connection.getresponse().read()
        connection.close()
    ask()
    return timed(ask)

def bulk(send):
    with socket.create_connection((HOST, port), timeout=120) as client:
        start = time.perf_counter()
        if send:
            client.sendall(b"POST /sink HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n" % (NAME, size))
            block, left = bytes(1 << 18), size
            while left: client.sendall(block[:left]); left -= min(left, len(block))
            while client.recv(1 << 16): pass
        else:
            client.sendall(b"GET /bulk HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" % NAME)
            while client.recv(1 << 18): pass
        return size / (time.perf_counter() - start) / 1e6

def at_once():
    start = time.perf_counter()
    clients = [socket.create_connection((HOST, port), timeout=120) for _ in range(many)]
    for client in clients: client.sendall(b"GET / HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" % NAME)
    answered = sum(client.recv(12).endswith(b"200") for client in clients)
    return answered, time.perf_counter() - start

target = f"http://{HOST}:{port}/"
print(json.dumps({
    "kept": [kept("127.0.0.1", inside.server_port, "/"), kept("127.0.0.1", 18018, target), kept(HOST, port, "/")],
    "fresh": [fresh("127.0.0.1", inside.server_port, "/"), fresh("127.0.0.1", 18018, target), fresh(HOST, port, "/")],
    "download": bulk(False), "upload": bulk(True), "at once": at_once(),
}))
`;

/** `count`: requests of each kind. */
export async function measureNetwork(count: number): Promise<void> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/bulk") return new Response(new Uint8Array(TRANSFER_BYTES));
    if (pathname === "/sink") await request.body?.pipeTo(new WritableStream());
    return new Response("ok");
  });
  const project = Deno.makeTempDirSync({ prefix: "silo-bench-" });
  try {
    Deno.writeTextFileSync(`${project}/silo.toml`, `[network]\nhostPorts = [${server.addr.port}]\n`);
    await run(project, "trust", "--yes");
    const sizes = [server.addr.port, count, TRANSFER_BYTES, AT_ONCE].map(String);
    const { kept, fresh, download, upload, ...rest } = JSON.parse(
      await run(project, "run", "python", "-c", GUEST, ...sizes),
    );
    const line = ([inside, proxy, direct]: number[]) =>
      `${inside!.toFixed(2)} ms in the guest, ${proxy!.toFixed(2)} by the proxy, ${direct!.toFixed(2)} by DNS and TCP`;
    console.log(`request on a kept connection: ${line(kept)}`);
    console.log(`request on a new connection:  ${line(fresh)}`);
    console.log(`throughput: ${download.toFixed(0)} MB/s down, ${upload.toFixed(0)} MB/s up`);
    const [answered, seconds] = rest["at once"];
    console.log(`${AT_ONCE} connections at once: ${answered} answered within ${seconds.toFixed(1)} s`);
  } finally {
    Deno.removeSync(project, { recursive: true });
  }
}

async function run(cwd: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(`${ROOT}/scripts/silo`, {
    args,
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
