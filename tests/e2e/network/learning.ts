/**
 * Run in a closed network by `closed_network_test.ts`: a program that no rule lets out is run in mode `learn`, and then
 * again, as ever, with the lines of `silo.toml` that silo proposed. Prints what came of each run.
 */
import { silo } from "../harness.ts";
import { trustedProject } from "./lab.ts";
import { resolver } from "./resolver.ts";
import { echoServer } from "./servers.ts";

const OUTSIDE = "203.0.113.7";
const PROGRAM = `
import socket, urllib.request
print(urllib.request.urlopen("http://api.learn.example/x", timeout=30).read().decode())
with socket.create_connection(("db.learn.example", 5432), timeout=30) as client:
    client.sendall(b"not HTTP")
    print(client.recv(100).decode())
`;

using _names = await resolver((name) => name.endsWith(".learn.example") ? [OUTSIDE] : undefined);
await using _api = Deno.serve({ hostname: OUTSIDE, port: 80, onListen() {} }, () => new Response("served"));
using _database = echoServer(OUTSIDE, 5432);
using project = await trustedProject({ "silo.toml": "", "program.py": PROGRAM });

async function run(...flags: string[]) {
  const { code, stdout, stderr } = await silo(["run", ...flags, "python", "program.py"], { cwd: project.path });
  return { code, stdout, stderr };
}

const before = await run();
const learning = await run("--net", "learn");
const proposed = /In silo\.toml:\n([^]*)$/.exec(learning.stderr)?.[1] ?? "";
Deno.writeTextFileSync(`${project.path}/silo.toml`, proposed);
const trusted = await silo(["trust", "--yes"], { cwd: project.path });
const after = await run();
console.log(JSON.stringify({ before, learning, proposed, trusted: trusted.code, after }));
