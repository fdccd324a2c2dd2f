/** What a person at a terminal is told of servers in a sandbox, and that the command which is offered opens the port. */
import { match, strictEqual as eq } from "node:assert/strict";
import { makeProject, SILO, until } from "../harness.ts";
import { Tmux } from "../tmux.ts";
import { trustedProject } from "./lab.ts";

const SERVER = `
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"from the sandbox")
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
`;

Deno.test("a port that is opened in the sandbox is offered on the terminal, and the command that is offered opens it", async () => {
  using project = makeProject({ "server.py": SERVER });
  const port = freePort();
  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} run python server.py ${port}`);
  const screen = await tmux.waitFor(/^silo: port \d+ is open in the sandbox; /m, "the offer");
  const offer = /^silo: port (\d+) is open in the sandbox; silo (config ports add python \d+)$/m.exec(screen);
  match(offer?.[2] ?? screen, new RegExp(`^config ports add python ${port}$`));
  eq(await answer(port), "");
  await tmux.press("C-c");
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
  // The project's own silo.toml has it now.
  await tmux.line(`clear; ${SILO} ${offer![2]} && ${SILO} run python server.py ${port}`);
  await until("the server answers", async () => await answer(port) === "from the sandbox");
  await tmux.press("C-c");
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
});

Deno.test('ports = "auto" opens the same port here, or another one if that is taken, and says which', async () => {
  using project = await trustedProject({ "server.py": SERVER, "silo.toml": 'ports = "auto"\n' });
  const port = freePort();
  await using tmux = await Tmux.open(project.path);
  await tmux.line(`${SILO} run python server.py ${port}`);
  await tmux.waitFor(
    new RegExp(`^silo: port ${port} of the sandbox is 127\\.0\\.0\\.1:${port} here$`, "m"),
    "the port",
  );
  eq(await answer(port), "from the sandbox");
  await tmux.press("C-c");
  await tmux.waitFor(/\$ $/m, "the shell's prompt");
  using _taken = Deno.listen({ hostname: "127.0.0.1", port });
  await tmux.line(`clear; ${SILO} run python server.py ${port}`);
  const screen = await tmux.waitFor(/cannot be had/, "another port");
  const other = /sandbox is 127\.0\.0\.1:(\d+) here, for/.exec(screen.replaceAll("\n", ""))?.[1];
  eq(await answer(Number(other)), "from the sandbox");
  await tmux.press("C-c");
});

/** What an HTTP server at that port of this machine says; "" if there is none. */
async function answer(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(10_000) });
    return await response.text();
  } catch {
    return "";
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
