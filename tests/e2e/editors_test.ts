/** Real editors with the settings that `silo ide` wrote for them. */
import { equal, match, ok } from "node:assert/strict";
import { makeProject, silo, siloEnv } from "./harness.ts";
import { PYTHON } from "./lsp/scenarios/python.ts";
import { ensureServer } from "./lsp/tools.ts";

const SCRIPT = new URL("lsp/neovim.lua", import.meta.url).pathname;

Deno.test("Neovim, as silo ide sets it up, shows diagnostics and goes to definitions in the project and in a library", async () => {
  await ensureServer("test-lsp");
  using project = makeProject({ "silo.toml": "", ...PYTHON.files });
  using settings = makeProject();
  const env = siloEnv({ XDG_CONFIG_HOME: settings.path, RESULT: `${settings.path}/result.json` });
  const written = await silo(["ide", "neovim", "--tool", "test-lsp"], { env });
  equal(written.code, 0, written.stderr);
  match(written.stdout, /\+.*"silo-test-lsp"/);
  const again = await silo(["ide", "neovim", "--tool", "test-lsp"], { env });
  match(again.stdout, /nothing to change/);

  const { success, stderr } = await new Deno.Command("nvim", {
    args: ["--headless", "-n", "-c", `luafile ${SCRIPT}`],
    cwd: project.path,
    env: { ...env, XDG_DATA_HOME: settings.path, XDG_STATE_HOME: settings.path, XDG_CACHE_HOME: settings.path },
    stdin: "null",
    stdout: "null",
  }).output();
  ok(success);
  const result = JSON.parse(Deno.readTextFileSync(`${settings.path}/result.json`));
  const said = `${JSON.stringify(result)}\n${new TextDecoder().decode(stderr)}`;
  ok(result.attached && result.diagnostics, said);
  equal(result.project.name, `${project.path}/pkg/tool.py`, said);
  match(result.project.line, /^def greet/);
  match(result.library.name, /\/guest-files\/test-lsp\/usr\/lib\/python3[^/]*\/json\/__init__\.py$/, said);
  match(result.library.line, /^def dumps/);

  const removed = await silo(["ide", "neovim", "--tool", "test-lsp", "--remove"], { env });
  equal(removed.code, 0, removed.stderr);
  equal(Deno.readTextFileSync(`${settings.path}/nvim/plugin/silo.lua`).trim(), "");
});
