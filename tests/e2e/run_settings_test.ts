/** What silo.toml says of a run, seen and attacked from inside. */
import { doesNotMatch, match, ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { makeProject, silo } from "./harness.ts";
import { makeHome } from "./homes.ts";

const SETTINGS = (outside: string) => `
passFiles = [{ source = "${outside}/npmrc", target = "/etc/npmrc" }]
pre_run_hooks = ["export HOOKED=yes"]
[mount]
mode = "same-path"
exclude = ["keys", ".env"]
[resources]
processes = 60
timeoutSeconds = 20
`;

const LOOK = `
echo "pwd=$PWD venv=$VIRTUAL_ENV path=\${PATH%%:*} hooked=$HOOKED author=$GIT_AUTHOR_NAME"
echo "keys=$(ls -A keys) env=[$(cat .env)] npmrc=$(cat /etc/npmrc)"
(echo x > /etc/npmrc) 2>/dev/null && echo "npmrc was written"
echo mine > keys/mine && echo "kept=$(cat keys/mine)"
mv keys moved 2>/dev/null && echo "keys were moved"
umount /etc/npmrc; umount keys; umount .env
echo "uncovered=$(ls -A keys) $(cat .env)"
for i in $(seq 100); do sleep 30 & done 2>&1 | grep -m1 -i -o -E 'fork' | head -1
touch b.txt
mkdir -p .git/hooks && echo evil > .git/hooks/pre-commit
exec sleep 300
`;

Deno.test("what is hidden stays so for root, files are as they were, limits hold, hooks and venv are there", async () => {
  using outside = makeProject({ npmrc: "token-of-the-host" });
  using project = makeProject({
    "silo.toml": SETTINGS(outside.path),
    "keys/id": "canary-key",
    ".env": "canary-env",
    ".venv/pyvenv.cfg": "",
    ".git/config": "[user]\nname = Ada\n",
  });
  const at = project.path;
  eq((await silo(["trust", "--yes"], { cwd: at })).code, 0);

  const run = await silo(["run", "--user", "root", "--exec", "python", "bash", "-c", LOOK], { cwd: at });

  eq(run.code, 124, run.stderr);
  match(run.stderr, /20 s, its limit/);
  match(run.stderr, /programs outside the sandbox may run.*\n\s+created \.git\/hooks\/pre-commit\n/);
  match(run.stdout, new RegExp(`^pwd=${at} venv=${at}/.venv path=${at}/.venv/bin hooked=yes author=Ada\n`));
  match(run.stdout, /\nkeys= env=\[\] npmrc=token-of-the-host\nkept=mine\nuncovered=/);
  doesNotMatch(run.stdout, /canary|written|moved/);
  match(run.stdout, /fork\n/);
  ok(run.milliseconds < 90_000);
  ok(Deno.statSync(join(at, "b.txt")).isFile);
  eq([...Deno.readDirSync(join(at, "keys"))].map((entry) => entry.name).join(), "id");
  eq(Deno.readTextFileSync(join(outside.path, "npmrc")), "token-of-the-host");

  // The limits that the file set cannot be taken out of it unseen, nor by taking the file away.
  Deno.removeSync(join(at, "silo.toml"));
  const lifted = await silo(["run", "--exec", "python", "cat", ".env"], { cwd: at });
  eq(lifted.code, 125);
  match(lifted.stderr, /sees \.env of the project again/);

  const readOnly = await silo(["trust", "--yes"], { cwd: at }).then(() =>
    silo(["run", "--read-only", "--exec", "python", "touch", "c.txt"], { cwd: at })
  );
  match(readOnly.stderr, /Read-only file system/);
});

Deno.test("what a run writes has the room that silo.toml gives it, less than usual or more", async () => {
  using project = makeProject();
  const sizeOf = async (rootfsSizeMB: number) => {
    Deno.writeTextFileSync(join(project.path, "silo.toml"), `[resources]\nrootfsSizeMB = ${rootfsSizeMB}\n`);
    eq((await silo(["trust", "--yes"], { cwd: project.path })).code, 0);
    const { stdout, stderr } = await silo(["run", "--exec", "python", "df", "-Pm", "/"], { cwd: project.path });
    const size = Number(stdout.trimEnd().split("\n").at(-1)?.split(/ +/)[1]);
    ok(size > rootfsSizeMB * 0.8 && size <= rootfsSizeMB, `${rootfsSizeMB}: ${stdout}${stderr}`);
  };
  await sizeOf(100);
  await sizeOf(12_288);
});

Deno.test("a program that a run installs into the tool's cache is found by name later, in that project alone", async () => {
  using home = makeHome();
  using one = makeProject();
  using two = makeProject();
  Deno.mkdirSync(join(home.path, "registry"));
  Deno.writeTextFileSync(
    join(home.path, "registry", "python.toml"),
    `description = "x"\nshims = ["python"]\n[[caches]]\nname = "programs"\nvariable = "MY_ROOT"\nprograms = "bin"\n`,
  );
  const sh = (cwd: string, ...words: string[]) =>
    silo(["run", "--exec", "python", ...words], { cwd, env: { SILO_HOME: home.path } });
  const install = 'mkdir -p "$MY_ROOT/bin" && cd "$MY_ROOT/bin" && ' +
    "for name in mine cat; do printf '#!/bin/sh\\necho installed\\n' > $name && chmod +x $name; done; mine";
  eq((await sh(one.path, "sh", "-c", install)).stdout, "installed\n");
  eq((await sh(one.path, "mine")).stdout, "installed\n");
  eq((await sh(one.path, "cat", "/dev/null")).stdout, "", "the image's own programs come first");
  eq((await sh(two.path, "mine")).code, 127);
});
