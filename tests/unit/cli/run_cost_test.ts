/** What a run asks of the file system does not grow with what is in the silo home. */
import { ok, strictEqual as eq } from "node:assert/strict";
import { MACHINE_FILE_VERSION, overridesOf, stampOf } from "../../../src/machine/machine_file.ts";
import { fakeHelper, temporaryDirectory } from "../support.ts";

const MANY = 1_000;
const MARGIN = 10;

const tool = (name: string) =>
  `[tools.${name}]
version = "1"
source = "debian"
image = "sha256:00"
rootfs = "rootfs/${name}.ext4"
environment = []
installedAt = "2026-01-01T00:00:00.000Z"
shims = [ "${name}", "${name}-shim" ]

[tools.${name}.process]
entrypoint = []
command = []
directory = ""
groups = []
`;

/** A silo home with one tool that can be run, on a machine that is only there by name. */
function makeHome(home: string, helper: string): void {
  for (const part of ["machine", "rootfs", "state/projects", "state/trusted", "state/checked", "caches", "snapshots"]) {
    Deno.mkdirSync(`${home}/${part}`, { recursive: true, mode: 0o700 });
  }
  const file = `${home}/machine/file`;
  Deno.writeTextFileSync(file, "");
  Deno.writeTextFileSync(
    `${home}/machine/machine.json`,
    JSON.stringify({
      version: MACHINE_FILE_VERSION,
      kernel: { path: file, release: "none" },
      initrd: file,
      linux: { scratch: { template: file, sizeMiB: 0 }, qemu: [file], mke2fs: [file] },
      helper,
      guest: stampOf(file),
      overrides: overridesOf({ env: {} }),
    }),
  );
  addTools(home, ["one"]);
  Deno.writeTextFileSync(`${home}/state/collected`, "");
}

function addTools(home: string, names: string[]): void {
  Deno.writeTextFileSync(`${home}/config.toml`, names.map(tool).join("\n"), { append: true });
  for (const name of names) {
    Deno.writeTextFileSync(`${home}/rootfs/${name}.ext4`, "");
    Deno.writeTextFileSync(`${home}/rootfs/${name}.ext4.json`, '{"size":0}');
  }
}

/** Other tools, their images and caches, other projects and what was accepted of them. */
function fill(home: string): void {
  addTools(home, Array.from({ length: MANY }, (_, i) => `tool${i}`));
  for (let i = 0; i < MANY; i++) {
    const key = i.toString(16).padStart(32, "0");
    Deno.mkdirSync(`${home}/caches/tool${i}`);
    Deno.mkdirSync(`${home}/snapshots/${key}`);
    Deno.writeTextFileSync(`${home}/state/projects/${key}.json`, "{}");
    for (const judgement of ["trusted", "checked"]) {
      Deno.writeTextFileSync(`${home}/state/${judgement}/${key}`, `{"grants":[],"limits":[]}\n/other/${i}/silo.toml\n`);
    }
  }
}

Deno.test(`a run asks the file system for as much with ${MANY} tools, images and projects as with none`, async () => {
  using directory = temporaryDirectory();
  const [home, project, counted] = ["home/.silo", "project", "count"].map((name) => `${directory.path}/${name}`);
  const helper = fakeHelper(directory.path, "normal");
  makeHome(home!, helper.path);
  Deno.mkdirSync(project!);
  const run = async (word: string) => {
    const root = new URL("../../../", import.meta.url).pathname;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-all", `--config=${root}deno.json`]
        .concat(`--preload=${root}tests/fixtures/count_files.ts`, `${root}main.ts`, "run", "--exec", word, "true"),
      cwd: project!,
      env: {
        HOME: `${directory.path}/home`,
        PATH: "/usr/bin:/bin",
        DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
        SILO_HELPER: helper.path,
        SILO_TEST_COUNT: counted!,
      },
      clearEnv: true,
    }).output();
    eq(code, 0, new TextDecoder().decode(stderr));
    return Number(Deno.readTextFileSync(counted!));
  };
  await run("one"); // what is made once
  const [named, shim] = [await run("one"), await run("one-shim")];
  fill(home!);
  ok(named > 20, `the counting works: ${named}`);
  // Two more or less are what goes on beside the run.
  for (const [word, before] of [["one", named], ["one-shim", shim]] as const) {
    const after = await run(word);
    ok(after < before + MARGIN, `${word}: ${before} before, ${after} now`);
  }
});
