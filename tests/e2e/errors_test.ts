/** Each failure is one clear message (what, why, what to do), exit code 125, and nothing left behind. */
import { match, ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { makeProject, SILO, silo, siloEnv } from "./harness.ts";

/** A silo home that shares every large file with the real one, and whose small ones may be changed. */
function borrowedHome(): { path: string } & Disposable {
  const real = siloEnv().SILO_HOME ?? join(Deno.env.get("HOME")!, ".silo");
  const path = Deno.makeTempDirSync({ prefix: "silo-home-" });
  for (const entry of Deno.readDirSync(real)) {
    if (["machine", "run", "scratch", "state"].includes(entry.name)) continue;
    if (entry.isFile) Deno.copyFileSync(join(real, entry.name), join(path, entry.name));
    else Deno.symlinkSync(join(real, entry.name), join(path, entry.name));
  }
  Deno.mkdirSync(join(path, "machine"));
  for (const entry of Deno.readDirSync(join(real, "machine"))) {
    const [from, to] = [join(real, "machine", entry.name), join(path, "machine", entry.name)];
    if (entry.name === "machine.json") Deno.copyFileSync(from, to);
    else Deno.symlinkSync(from, to); // the scratch template alone is 8 GiB, though sparse
  }
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Rewrites the text of the machine description of a borrowed home. */
function editMachine(home: string, edit: (machine: Record<string, unknown>) => void): void {
  const file = join(home, "machine/machine.json");
  const machine = JSON.parse(Deno.readTextFileSync(file));
  edit(machine);
  Deno.writeTextFileSync(file, JSON.stringify(machine));
}

/** One message of silo's own: begins with its name, says what to do, holds no stack and no control characters. */
function isClear(stderr: string, what: RegExp): void {
  match(stderr, /^silo: /);
  match(stderr, what);
  ok(!/\n\s+at |Uncaught|undefined|\[object/.test(stderr), stderr);
  // deno-lint-ignore no-control-regex
  ok(!/[\x00-\x08\x0b-\x1f\x7f]/.test(stderr), JSON.stringify(stderr));
}

Deno.test("a tool that is not installed: the message names the command that installs it", async () => {
  const run = await silo(["run", "node", "-v"]);
  eq(run.code, 125);
  isClear(run.stderr, /node.*not installed/);
  match(run.stderr, /silo install node/);
});

Deno.test("no QEMU: the message says so and how to get it", async () => {
  const run = await silo(["run", "python", "-V"], { env: { SILO_QEMU: "/no/such/qemu-system-x86_64" } });
  eq(run.code, 125);
  isClear(run.stderr, /\/no\/such\/qemu-system-x86_64/);
  match(run.stderr, /QEMU/);
});

Deno.test("no kernel: the message says so and how to get it", async () => {
  using home = borrowedHome();
  editMachine(home.path, (machine) => replaceDeep(machine, /vmlinu[xz]/, "/no/such/vmlinux"));
  const run = await silo(["run", "python", "-V"], { env: { SILO_HOME: home.path } });
  eq(run.code, 125);
  isClear(run.stderr, /kernel/);
  match(run.stderr, /silo (doctor|install)/);
});

Deno.test("a VM that does not come up ends in an error with the console's tail, not in a hang", async () => {
  using home = borrowedHome();
  const broken = join(home.path, "machine/broken.initrd");
  Deno.writeFileSync(broken, new Uint8Array(512)); // no init in it: the kernel panics
  editMachine(home.path, (machine) => replaceDeep(machine, /initr/, broken));
  const run = await silo(["run", "python", "-V"], { env: { SILO_HOME: home.path } });
  eq(run.code, 125);
  isClear(run.stderr, /did not (come up|start|boot)/);
  match(run.stderr, /[Kk]ernel panic/);
});

Deno.test("the wrong architecture: 126, and the message names both", async () => {
  using project = makeProject();
  const header = new Uint8Array(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // a 64-bit little-endian ELF …
  new DataView(header.buffer).setUint16(16, 2, true);
  new DataView(header.buffer).setUint16(18, Deno.build.arch === "x86_64" ? 183 : 62, true); // … for the other machine
  Deno.writeFileSync(join(project.path, "program"), header, { mode: 0o755 });
  const run = await silo(["run", "--exec", "python", "./program"], { cwd: project.path });
  eq(run.code, 126);
  match(run.stderr, /program.*(format|architecture)/i);
});

Deno.test("a current directory that was deleted is named as the reason", async () => {
  const script = `mkdir d && cd d && rmdir ../d && exec "$0" run python -V`;
  using project = makeProject();
  const out = await new Deno.Command("bash", {
    args: ["-c", script, SILO],
    cwd: project.path,
    env: siloEnv(),
    clearEnv: true,
  }).output();
  eq(out.code, 125);
  // The shell itself complains before the first line of a script is read.
  isClear(new TextDecoder().decode(out.stderr).replace(/^(shell-init|sh: 0): .*\n/gm, ""), /current directory/);
});

Deno.test("a silo home that cannot be written is named as the reason", async () => {
  using project = makeProject();
  const home = join(project.path, "home");
  Deno.mkdirSync(home, { mode: 0o555 });
  const run = await silo(["install", "python"], { env: { SILO_HOME: home } });
  eq(run.code, 125);
  isClear(run.stderr, /home/);
  ok(run.stderr.includes(home), run.stderr);
});

Deno.test("a full disk is named as the reason, and nothing half-made is left", async () => {
  using project = makeProject();
  // A file system of 2 MiB in a private mount namespace holds the silo home.
  const script = [
    `mount -t tmpfs -o size=2m none "$1"`,
    `SILO_HOME="$1" "$0" install python`,
    `echo "code $?"`,
    `SILO_HOME="$1" "$0" list --json`,
  ].join("\n");
  const home = join(project.path, "home");
  Deno.mkdirSync(home);
  const out = await new Deno.Command("unshare", {
    args: ["--user", "--map-root-user", "--mount", "bash", "-c", script, SILO, home],
    cwd: project.path,
    env: siloEnv({ SILO_HOME: home }),
    clearEnv: true,
  }).output();
  const [stdout, stderr] = [new TextDecoder().decode(out.stdout), new TextDecoder().decode(out.stderr)];
  match(stdout, /^code 125$/m, stderr);
  match(stderr, /space/);
  ok(!stdout.includes('"python"'), stdout);
});

Deno.test("a helper of another version is refused, and both versions are named", async () => {
  using project = makeProject();
  const helper = join(project.path, "silo-helper");
  const answer = JSON.stringify({
    jsonrpc: "2.0",
    id: 0,
    error: {
      code: -32001,
      message: "protocol versions differ",
      data: { kind: "version", client: "1.0", helper: "9.0" },
    },
  });
  // Answers whatever comes with its own version, with the id of the request.
  Deno.writeTextFileSync(
    helper,
    `#!/usr/bin/env bash
read -r length; length=\${length#*: }; length=\${length%$'\\r'}; read -r _
IFS= read -r -N "$length" body
id=$(sed -E 's/.*"id":([0-9]+).*/\\1/' <<<"$body")
answer=$(sed -E "s/\\"id\\":0/\\"id\\":$id/" <<'END'
${answer}
END
)
printf 'Content-Length: %d\\r\\n\\r\\n%s' "\${#answer}" "$answer"
`,
  );
  Deno.chmodSync(helper, 0o755);
  const run = await silo(["run", "python", "-V"], { env: { SILO_HELPER: helper } });
  eq(run.code, 125);
  isClear(run.stderr, /version/);
  match(run.stderr, /1\.0[^]*9\.0|9\.0[^]*1\.0/);
});

/** Replaces every string in a JSON value that matches. */
function replaceDeep(value: unknown, pattern: RegExp, by: string): void {
  if (typeof value !== "object" || value === null) return;
  const record = value as Record<string, unknown>;
  for (const [key, inner] of Object.entries(record)) {
    if (typeof inner === "string" && pattern.test(inner.split("/").at(-1)!)) record[key] = by;
    else replaceDeep(inner, pattern, by);
  }
}
