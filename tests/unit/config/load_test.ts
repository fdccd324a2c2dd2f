import { deepStrictEqual as same, match, ok, rejects, strictEqual as eq } from "node:assert/strict";
import { loadConfig } from "../../../src/config/load.ts";
import type { SiloError } from "../../../src/errors.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

async function load(text: string | Uint8Array) {
  using directory = temporaryDirectory();
  const path = `${directory.path}/silo.toml`;
  if (typeof text === "string") Deno.writeTextFileSync(path, text);
  else Deno.writeFileSync(path, text);
  return await loadConfig(fakeHost({ siloHome: `${directory.path}/home` }), path, "project");
}

/** Without the null prototypes that the TOML reader gives its tables. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

const refuses = (text: string | Uint8Array, ...wanted: RegExp[]) =>
  rejects(load(text), (error: SiloError) => {
    const shown = `${error.message}\n${error.hint ?? ""}`;
    for (const pattern of wanted) match(shown, pattern);
    return true;
  });

Deno.test("a good file is taken as it is", async () => {
  const loaded = await load(`
passEnv = ["TOKEN"]
[env]
A = "1"
[[mounts]]
source = "../data"
target = "/data"
readOnly = true
[resources]
cpus = 2
[tools.python.env]
B = "2"
`);
  same(plain(loaded!.config), {
    passEnv: ["TOKEN"],
    env: { A: "1" },
    mounts: [{ source: "../data", target: "/data", readOnly: true }],
    resources: { cpus: 2 },
    tools: { python: { env: { B: "2" } } },
  });
  match(loaded!.digest, /^[0-9a-f]{64}$/);
  same(plain((await load(""))!.config), {});
});

Deno.test("a file that is not there is none", async () => {
  eq(await loadConfig(fakeHost({ siloHome: "/none" }), "/no/such/silo.toml", "project"), undefined);
});

Deno.test("an unknown key is told with file, line, column and the nearest key", async () => {
  await refuses(
    '\n[env]\nA = "1"\n\n[resorces]\ncpus = 2\n',
    /silo\.toml:5:2: unknown key "resorces"; did you mean "resources"\?/,
  );
  await refuses("hostAccess = true\n", /:1:1: unknown key "hostAccess"; did you mean "network\.hostAccess"\?/);
  await refuses("[resources]\nmemoryMb = 1024\n", /silo\.toml:2:1: unknown key "memoryMb"; did you mean "memoryMB"\?/);
  await refuses("[tools.python.resources]\nfoo = 1\n", /silo\.toml:2:1: .*known here: cpus, memoryMB, rootfsSizeMB/);
  await refuses('[[mounts]]\nsource = "/a"\ntarget = "/b"\nreadonly = true\n', /silo\.toml:4:1: .*"readOnly"/);
});

Deno.test("a wrong type or value is told with its place and what was expected", async () => {
  await refuses('[resources]\ncpus = "two"\n', /silo\.toml:2:1: resources\.cpus: expected a number/);
  await refuses("[resources]\nmemoryMB = 1\n", /silo\.toml:2:1: resources\.memoryMB: expected at least 256/);
  await refuses("[resources]\ncpus = 1.5\n", /resources\.cpus: expected a whole number/);
  await refuses('passEnv = ["A", 1]\n', /silo\.toml:1:17: passEnv\[1\]: expected a string/);
  await refuses('[[mounts]]\nsource = "/a"\n', /silo\.toml:1:3: mounts\[0\]\.target: it is missing/);
  await refuses('[[mounts]]\nsource = "/a"\ntarget = "b"\n', /silo\.toml:3:1: mounts\[0\]\.target: an absolute path/);
  await refuses('env = { "A B" = "1" }\n', /silo\.toml:1:9: .*letters, digits/);
});

Deno.test("every mistake of a file is told at once", async () => {
  await refuses("foo = 1\nbar = 2\n", /:1:1: unknown key "foo"/, /:2:1: unknown key "bar"/);
});

Deno.test("what is no TOML is told with its place", async () => {
  await refuses("a = \n", /silo\.toml:1:\d+: /);
  await refuses('[env]\nA = "1"\nA = "2"\n', /silo\.toml:3:\d+: /);
  await refuses(new Uint8Array([0xff, 0xfe]), /not UTF-8/);
});

Deno.test("a FIFO in its place does not hang silo", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/silo.toml`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  await rejects(loadConfig(fakeHost({ siloHome: `${directory.path}/home` }), path, "project"), /not a regular file/);
});

Deno.test("a file that was found good is remembered by its content, not by its name", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/silo.toml`;
  const host = fakeHost({ siloHome: `${directory.path}/home` });
  Deno.writeTextFileSync(path, "[resources]\ncpus = 2\n");
  await loadConfig(host, path, "project");
  ok([...Deno.readDirSync(`${directory.path}/home/state/checked`)].length > 0);
  same(plain((await loadConfig(host, path, "project"))!.config), { resources: { cpus: 2 } });
  Deno.writeTextFileSync(path, "[resources]\ncpus = 0\n");
  await rejects(loadConfig(host, path, "project"), /at least 1/);
});

Deno.test("registries are set in the person's own file; a project's file that tries is refused", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  const path = `${directory.path}/silo.toml`;
  const write = (text: string) => Deno.writeTextFileSync(path, text);
  write('[registries]\nplainHttp = ["box:5000"]\n[registries.mirrors]\n"docker.io" = ["https://mirror.example"]\n');
  const project = `${directory.path}/project.toml`;
  Deno.copyFileSync(path, project);
  await rejects(loadConfig(host, project, "project"), /project\.toml:1:2: registries: only your own silo\.toml/);
  same(plain((await loadConfig(host, path, "user"))!.config), {
    registries: { plainHttp: ["box:5000"], mirrors: { "docker.io": ["https://mirror.example"] } },
  });
  write("[registries]\nmirror = 1\n");
  await rejects(loadConfig(host, path, "user"), /did you mean "mirrors"/);
  write("registrie = 1\n");
  await rejects(loadConfig(host, path, "user"), /did you mean "registries"/);
});
