/** A project's silo.toml counts only as far as a person on the host has accepted it. */
import { match, ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { makeProject, python, silo } from "./harness.ts";

Deno.test("a silo.toml that the tool wrote gains nothing until it is accepted, and is accepted as it is", async () => {
  using outside = makeProject({ "secret.txt": "canary-of-the-host" });
  using project = makeProject({ "silo.toml": "" });
  const look = "import os;print(os.path.exists('/mnt/outside/secret.txt'), os.environ.get('CANARY'))";
  const widened = `passEnv = ["CANARY"]\n[[mounts]]\nsource = "${outside.path}"\ntarget = "/mnt/outside"\n`;
  const write = await python("import sys;open('/workspace/silo.toml','w').write(sys.argv[1])", [widened], {
    cwd: project.path,
  });
  eq(write.code, 0, write.stderr);

  const refused = await python(look, [], { cwd: project.path, env: { CANARY: "canary-of-the-host" } });
  eq(refused.code, 125);
  match(refused.stderr, /silo trust/);
  ok(!refused.stdout.includes("canary"));

  eq((await silo(["trust", "--yes"], { cwd: project.path })).code, 0);
  const accepted = await python(look, [], { cwd: project.path, env: { CANARY: "canary-of-the-host" } });
  eq(accepted.stdout, "True canary-of-the-host\n", accepted.stderr);

  // One more byte is another file.
  Deno.writeTextFileSync(join(project.path, "silo.toml"), widened + '[tools.python]\npassEnv = ["HOME"]\n');
  const again = await python(look, [], { cwd: project.path });
  eq(again.code, 125);
});

Deno.test("a silo.toml that adds nothing never asks", async () => {
  using project = makeProject({ "silo.toml": '[env]\nGREETING = "hello"\n[resources]\nmemoryMB = 1024\n' });
  const run = await python("import os;print(os.environ['GREETING'])", [], { cwd: project.path });
  eq(run.stdout, "hello\n", run.stderr);
});

Deno.test("a mistake in silo.toml is told with file, line and the nearest key", async () => {
  using project = makeProject({ "silo.toml": '\n[env]\nA = "1"\n\n[resorces]\ncpus = 2\n' });
  const run = await python("print(1)", [], { cwd: project.path });
  eq(run.code, 125);
  match(run.stderr, /silo\.toml:5/);
  match(run.stderr, /resources/);
});
