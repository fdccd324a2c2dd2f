/** Helix with the settings that `silo ide` wrote for it, in a terminal. */
import { equal } from "node:assert/strict";
import { makeProject, silo, siloEnv } from "./harness.ts";
import { unpackedServer } from "./lsp/bare.ts";
import { LspClient } from "./lsp/client.ts";
import { PYTHON } from "./lsp/scenarios/python.ts";
import { ensureTool } from "./lsp/tools.ts";
import { Tmux } from "./tmux.ts";

/** A server's first answers, on a machine that is busy with others. */
const LIMIT_MS = 180_000;

Deno.test("Helix, as silo ide sets it up, shows diagnostics and goes to definitions in the project and in a library", async () => {
  await ensureTool("test-lsp");
  using project = makeProject({ "silo.toml": "", ...PYTHON.files });
  using settings = makeProject();
  const env = siloEnv({ XDG_CONFIG_HOME: settings.path });
  const written = await silo(["ide", "helix", "--tool", "test-lsp"], { env });
  equal(written.code, 0, written.stderr);
  // The server's first use is not Helix's to wait for; and what was built has Helix in it.
  using client = new LspClient(["lsp", "test-lsp"], project.path);
  await client.ask("initialize", "initialize", { rootUri: `file://${project.path}`, capabilities: {} });
  equal(await client.end(), 0, client.stderr);
  using root = await unpackedServer("test-lsp");

  await using tmux = await Tmux.open(project.path);
  await tmux.resize(200, 40); // the path of a copy is long
  const helix = `${root.path}/usr/lib/hx`;
  await tmux.line(
    `export HELIX_RUNTIME=${helix}/runtime XDG_CONFIG_HOME=${settings.path} XDG_CACHE_HOME=${settings.path}`,
  );
  // With the libraries of its own Debian, on this one.
  await tmux.line(`L=${root.path}/usr/lib/x86_64-linux-gnu; clear`);
  await tmux.line(`$L/ld-linux-x86-64.so.2 --library-path $L ${helix}/hx app.py`);
  await tmux.waitFor(/NOR +app\.py/, "Helix is there");
  await tmux.waitFor(/^● +7 /m, "diagnostics are there", LIMIT_MS);
  await tmux.line(":6");
  await tmux.type("]d"); // its text is shown where the cursor is on it
  await tmux.waitFor(/local variable 'unused'/, "a diagnostic's text");
  await tmux.line(":3");
  await tmux.type("glgd");
  await tmux.waitFor(/def greet\(name\)[^]*NOR +pkg\/tool\.py/, "the definition in the project", LIMIT_MS);
  await tmux.line(":open app.py");
  await tmux.waitFor(/NOR +app\.py/, "the file again");
  await tmux.line("/dumps");
  await tmux.type("gd");
  await tmux.waitFor(/def dumps\([^]*json\/__init__\.py/, "the definition in a library", LIMIT_MS);
  await tmux.line(":quit-all!");
  await tmux.waitFor(/^\$ $/m, "Helix has ended");
});
