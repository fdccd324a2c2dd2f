/**
 * Builds, caches and the disk, in real machines: what a build makes, who shares it, what a hostile one can do, and that
 * neither SIGKILL nor cleaning up hurts anybody.
 */
import { deepStrictEqual, doesNotMatch, match, ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { makeProject, type RunOptions, silo, spawnSilo, until } from "./harness.ts";
import { makeHome } from "./homes.ts";
import { findRole, isAlive, processTree } from "./processes.ts";

/** What a build of an attacker does: everything that the root of a machine can, and processes that never end. */
const SETUP = `
set -e
test "$(id -u)" = 0
ls -A /workspace > /usr/local/seen
env > /usr/local/env
echo built > /usr/local/built
ln -s built /usr/local/link && ln /usr/local/built /usr/local/hard
cp /bin/sleep /usr/local/setuid && chmod 4755 /usr/local/setuid
rm -rf /usr/share/doc && mkdir /usr/share/doc && echo new > /usr/share/doc/only
mkdir -p /opt/mine && chown 4242:4343 /opt/mine
echo rubbish > /tmp/rubbish
python3 -c 'import ctypes; assert ctypes.CDLL(None).mount(b"/usr", b"/mnt", None, 4096, None) == 0'
(while :; do date >> /usr/local/endless; done) &
setsid sh -c 'exec 3>>/usr/local/held; while :; do echo x >&3; sleep 0.01; done' >/dev/null 2>&1 &
`;

const LOOK = `
import os, sys, json
def text(path):
    try:
        with open(path) as file: return file.read()
    except OSError as error: return type(error).__name__
s = os.lstat("/usr/local/setuid"); m = os.stat("/opt/mine")
print(json.dumps({
    "built": text("/usr/local/link"), "hard": os.stat("/usr/local/hard").st_nlink, "seen": text("/usr/local/seen"),
    "setuid": oct(s.st_mode & 0o7777), "owner": [m.st_uid, m.st_gid], "doc": os.listdir("/usr/share/doc"),
    "tmp": os.path.exists("/tmp/rubbish"), "env": text("/usr/local/env"), "uid": os.getuid(),
}))
`;

Deno.test("a build is kept, shared by its recipe, private to it, and nothing is left of one that fails or is killed", async () => {
  using home = makeHome();
  using one = makeProject({
    "silo.toml": "# mine\n[env]\nA = '1'\n",
    "setup.sh": SETUP,
    "secret.txt": "canary-of-the-project",
  });
  using two = makeProject();
  const env = { SILO_HOME: home.path, CANARY: "canary-of-the-host" };
  const at = (project: { path: string }): RunOptions => ({ cwd: project.path, env });
  const bakes = () => [...Deno.readDirSync(join(home.path, "bakes"))].map(({ name }) => name);
  const whole = () => bakes().filter((name) => name.endsWith(".ext4"));

  const built = await silo(["build", "python", "--script", "setup.sh"], at(one));
  eq(built.code, 0, built.stderr);
  const config = Deno.readTextFileSync(join(one.path, "silo.toml"));
  match(config, /^# mine\n/);
  match(config, /post_install = \[\{ ?script = "setup.sh" ?\}\]/);

  // What the run finds, and a cache that it leaves something in.
  const cache = "import os;p=os.environ['PIP_CACHE_DIR']+'/planted';print(os.path.exists(p));open(p,'w').write('x')";
  const look = await silo(["run", "--timing", "python", "-c", LOOK + cache], at(one));
  eq(look.code, 0, look.stderr);
  match(look.stderr, /^silo: restore /m, "the build has left no snapshot for its first run");
  const [json, planted] = look.stdout.trim().split("\n");
  const found = JSON.parse(json!);
  deepStrictEqual({ ...found, env: "" }, {
    built: "built\n",
    hard: 2,
    seen: "",
    setuid: "0o4755",
    owner: [4242, 4343],
    doc: ["only"],
    tmp: false,
    env: "",
    uid: Deno.uid(),
  });
  match(found.env, /^A=1$/m);
  doesNotMatch(found.env, /canary/i); // neither the name nor the value of the host's variable
  eq(planted, "False");

  // The same recipe elsewhere, once it is accepted, is there; and caches are nobody else's.
  for (const name of ["silo.toml", "setup.sh"]) Deno.copyFileSync(join(one.path, name), join(two.path, name));
  match((await silo(["sync"], at(two))).stderr, /silo trust/);
  eq((await silo(["trust", "--yes"], at(two))).code, 0);
  eq((await silo(["sync"], at(two))).stdout, "Everything is as silo.toml says.\n");
  const elsewhere = await silo(["run", "python", "-c", `print(open('/usr/local/built').read())\n${cache}`], at(two));
  eq(elsewhere.stdout, "built\n\nFalse\n", elsewhere.stderr);
  eq(whole().length, 1);

  // Another script is another consent, and another recipe: it has not been built.
  Deno.writeTextFileSync(join(two.path, "setup.sh"), "exit 3\n");
  const changed = await silo(["sync"], at(two));
  match(changed.stderr, /- the sandbox is built with: the script setup\.sh, whose files have changed \(python\)\n/);
  eq((await silo(["trust", "--yes"], at(two))).code, 0);
  const stale = await silo(["run", "python", "-c", "print(1)"], at(two));
  eq(stale.code, 125);
  match(stale.stderr, /has not been built here yet\n +Build it: silo sync\n/);
  eq((await silo(["sync", "--dry-run"], at(two))).stdout, "python  build with 1 step\n");
  const failed = await silo(["sync"], at(two));
  eq(failed.code, 125);
  match(failed.stderr, /a step ended with 3/);
  eq(whole().length, 1);

  // Killed while it runs: no machine, no entry, and what is left goes with the next cleaning.
  Deno.writeTextFileSync(join(two.path, "setup.sh"), "echo under way; sleep 1000\n");
  eq((await silo(["trust", "--yes"], at(two))).code, 0);
  const killed = spawnSilo(["build", "python", "--rerun"], at(two));
  await killed.stdin.close();
  const errors = killed.stderr.getReader();
  const decoder = new TextDecoder();
  for (let seen = ""; !/^under way$/m.test(seen);) {
    const { value, done } = await errors.read();
    ok(!done, `it ended early: ${seen}`);
    seen += decoder.decode(value);
  }
  const tree = processTree(killed.pid);
  const qemu = findRole(tree, "qemu")!;
  killed.kill("SIGKILL");
  await killed.status;
  await Promise.all([errors.cancel(), killed.stdout.cancel()]);
  await until("the machine is gone", () => !isAlive(qemu.pid), 10_000);
  eq(whole().length, 1);
  ok(bakes().some((name) => name.includes(".tmp-")));
  eq((await silo(["cache", "gc"], at(two))).code, 0);
  ok(!bakes().some((name) => name.includes(".tmp-")));
});

Deno.test("a run keeps what it has while everything is cleaned up, and what is cold or gone comes back", async () => {
  using home = makeHome();
  using project = makeProject();
  const at: RunOptions = { cwd: project.path, env: { SILO_HOME: home.path } };
  const rootfs = () => [...Deno.readDirSync(join(home.path, "rootfs"))].map(({ name }) => name.replace(/^\w+/, ""));

  const run = spawnSilo(["run", "python", "-c", "print('up', flush=True); input(); import json; print('whole')"], at);
  const output = run.stdout.getReader();
  eq(new TextDecoder().decode((await output.read()).value), "up\n");
  match((await silo(["cache", "clean"], at)).stdout, /In use, kept: rootfs/);
  match((await silo(["cache", "compress", "--all"], at)).stdout, /In use, left as it is/);
  const writer = run.stdin.getWriter();
  await writer.write(new TextEncoder().encode("\n"));
  await writer.close();
  eq(new TextDecoder().decode((await output.read()).value), "whole\n");
  eq((await run.status).code, 0);
  await Promise.all([output.cancel(), run.stderr.cancel()]);

  match((await silo(["cache", "compress", "--all"], at)).stdout, /^Compressed rootfs/m);
  ok(rootfs().includes(".ext4.zst") && !rootfs().includes(".ext4"));
  const warm = await silo(["run", "python", "-c", "print(6*7)"], at);
  eq(warm.stdout, "42\n", warm.stderr);
  ok(rootfs().includes(".ext4") && !rootfs().includes(".ext4.zst"));

  match((await silo(["cache", "clean"], at)).stdout, /^Removed rootfs/m);
  ok(!rootfs().includes(".ext4"));
  const anew = await silo(["run", "python", "-c", "print(6*7)"], at);
  eq(anew.stdout, "42\n", anew.stderr);
});
