/** What a tool left in its project makes the next `silo` neither run anything on the host nor share anything more. */
import { deepStrictEqual as same, match, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { makeProject, python, ROOT, silo, siloEnv } from "./harness.ts";

/** A program that would leave a mark if the host ran it. */
const marker = (project: string) => `#!/bin/sh\ntouch ${project}/executed-$(basename "$0")\nexit 1\n`;

function executed(project: string): string[] {
  return [...Deno.readDirSync(project)].map((entry) => entry.name).filter((name) => name.startsWith("executed"));
}

Deno.test("programs planted on PATH inside the project are not run by the host", async () => {
  using project = makeProject({ "silo.toml": "", "node_modules/.bin/none": "" });
  const bin = join(project.path, "node_modules/.bin");
  for (const name of ["bwrap", "qemu-system-x86_64", "qemu-system-aarch64", "stty", "mke2fs", "xz", "mmdebstrap"]) {
    Deno.writeTextFileSync(join(bin, name), marker(project.path), { mode: 0o755 });
  }
  const env = { PATH: `${bin}:node_modules/.bin:.:${siloEnv().PATH}` };
  const run = await python("print('ran')", [], { cwd: project.path, env });
  eq(run.stdout, "ran\n", run.stderr);
  await silo(["doctor"], { cwd: project.path, env });
  same(executed(project.path), []);
});

Deno.test("files that JavaScript programs read from their directory mean nothing to silo", async () => {
  const code = `Deno.writeTextFileSync("executed-code", ""); throw new Error("the project's code ran");`;
  using project = makeProject({
    "silo.toml": '[env]\nA = "1"\n',
    "deno.json": '{ "imports": { "smol-toml": "./evil.js", "zod": "./evil.js" }, "preload": ["./evil.js"] }',
    "package.json": '{ "type": "module", "dependencies": { "smol-toml": "1", "vscode-jsonrpc": "1", "zod": "1" } }',
    ".npmrc": "registry=http://127.0.0.1:9/\n",
    ".env": "SILO_HELPER=/no/such\nSILO_QEMU=/no/such\n",
    "evil.js": code,
    ...Object.fromEntries(["smol-toml", "vscode-jsonrpc", "zod"].flatMap((name) => [
      [`node_modules/${name}/package.json`, `{ "name": "${name}", "type": "module", "main": "index.js" }`],
      [`node_modules/${name}/index.js`, code],
    ])),
  });
  const run = await python("print('ran')", [], { cwd: project.path });
  eq(run.stdout, "ran\n", run.stderr);
  same(executed(project.path), []);
});

Deno.test("a directory that the tool replaced by a link is not mounted, though its mount was accepted", async () => {
  using outside = makeProject({ "secret.txt": "canary-of-the-host" });
  using project = makeProject({
    "silo.toml": '[[mounts]]\nsource = "./deep/data"\ntarget = "/data"\nreadOnly = true\n',
    "deep/data/file": "mine",
  });
  eq((await silo(["trust", "--yes"], { cwd: project.path })).code, 0);
  const source = `import os, sys
print(open('/data/file').read())
os.rename('deep', 'old')
os.mkdir('deep')
os.symlink(sys.argv[1], 'deep/data')`;
  const first = await python(source, [outside.path], { cwd: project.path });
  eq(first.stdout, "mine\n", first.stderr);
  eq(first.code, 0, first.stderr);
  const second = await python("print(open('/data/secret.txt').read())", [], { cwd: project.path });
  eq(second.code, 125, second.stdout);
  match(second.stderr, /could not mount .*: a symbolic link leads out of/);
});

Deno.test("silo's own checkout and programs are never shared", async () => {
  for (const cwd of [ROOT, join(ROOT, "src/cli"), join(ROOT, "build")]) {
    const run = await python("print(1)", [], { cwd });
    eq(run.code, 125, cwd);
    match(run.stderr, /^silo: could not share .* silo('s own| keeps its own)/);
  }
  const mounted = await silo(["run", "--mount", `${ROOT}:/silo`, "python", "-c", "print(1)"]);
  eq(mounted.code, 125);
  match(mounted.stderr, /could not share/);
});
