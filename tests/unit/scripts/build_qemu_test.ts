/** How silo's QEMU gets into the toolchain cache; the build itself stands in. */
import { deepStrictEqual as same, notStrictEqual as differs, rejects, strictEqual as eq } from "node:assert/strict";
import { phaseOf } from "../../../scripts/setup/qemu/build_in_debian.ts";
import { type BuildOptions, builtQemu, ensureOwnQemu, ownQemuPath } from "../../../scripts/setup/qemu/own_qemu.ts";
import { RECIPE, recipeKey, recipePackages } from "../../../scripts/setup/qemu/recipe.ts";
import type { Host } from "../../../src/host.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const silent = () => {};

Deno.test("the key is another with every file of the recipe that changes, comes or goes", async () => {
  using directory = temporaryDirectory();
  const write = (name: string, text: string) => Deno.writeTextFileSync(`${directory.path}/${name}`, text);
  write("build.sh", "one");
  write("silo.mak", "two");
  const key = await recipeKey(directory.path);
  eq(key.length, 12);
  eq(await recipeKey(directory.path), key);
  const keys = new Set([key]);
  const changes: (() => void)[] = [
    () => write("build.sh", "three"),
    () => write("first.patch", ""),
    () => Deno.renameSync(`${directory.path}/first.patch`, `${directory.path}/second.patch`),
  ];
  for (const change of changes) {
    change();
    keys.add(await recipeKey(directory.path));
  }
  eq(keys.size, 4);
});

Deno.test("the recipe's packages are names", async () => {
  const packages = await recipePackages();
  same(packages.filter((name) => !/^[a-z0-9][a-z0-9.+-]+$/.test(name)), []);
  eq(new Set(packages).size, packages.length);
  for (const name of ["build.sh", "silo.mak"]) eq(Deno.statSync(`${RECIPE}/${name}`).isFile, true);
});

Deno.test("progress is what mmdebstrap and the build tell as steps", () => {
  eq(phaseOf("I: compile 12 of 1265"), "compile 12 of 1265");
  eq(
    phaseOf("I: installing remaining packages inside the chroot..."),
    "installing remaining packages inside the chroot",
  );
  eq(phaseOf("I: running --customize-hook in shell: sh -c 'chroot \"$1\"'"), undefined);
  eq(phaseOf("I: running special hook: copy-in x /build"), undefined);
  eq(phaseOf("Setting up gcc (4:12.2.0-3) ..."), undefined);
});

/** Builds a program that says which build it is of. */
function builder(): { build: NonNullable<BuildOptions["build"]>; count: () => number } {
  let count = 0;
  const build = (_: Host, directory: string) => {
    count++;
    for (const part of ["bin", "share"]) Deno.mkdirSync(`${directory}/${part}`);
    const program = `${directory}/bin/qemu-system-x86_64`;
    Deno.writeTextFileSync(program, `#!/bin/sh\necho "QEMU emulator version 7.2.${count}"\n`);
    Deno.chmodSync(program, 0o755);
    const marker = { debian: `1:7.2-${count}`, qemu: `7.2.${count}`, sha256: "00", libraries: {} };
    Deno.writeTextFileSync(`${directory}/share/silo-qemu.json`, JSON.stringify(marker));
    return Promise.resolve();
  };
  return { build, count: () => count };
}

Deno.test("it is built once, anew when that is asked for, and the link leads to it", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ env: { PATH: "/usr/bin:/bin", SILO_TOOLCHAIN: `${directory.path}/cache` } });
  const path = await ownQemuPath(host);
  eq(await builtQemu(host), undefined);
  const { build, count } = builder();
  for (const _ of [1, 2]) eq((await ensureOwnQemu(host, silent, { build })).debian, "1:7.2-1");
  eq(count(), 1);
  eq(`${directory.path}/cache/${Deno.readLinkSync(`${directory.path}/cache/silo-qemu`)}`, path);
  const before = Deno.statSync(path).ino;
  const made = await ensureOwnQemu(host, silent, { build, force: true });
  same([made.debian, made.directory, count()], ["1:7.2-2", path, 2]);
  differs(Deno.statSync(path).ino, before);
  eq((await builtQemu(host))?.debian, "1:7.2-2");
  // Another checkout's, which was asked for last.
  Deno.removeSync(`${directory.path}/cache/silo-qemu`);
  Deno.symlinkSync("silo-qemu-other", `${directory.path}/cache/silo-qemu`);
  await ensureOwnQemu(host, silent, { build });
  eq(`${directory.path}/cache/${Deno.readLinkSync(`${directory.path}/cache/silo-qemu`)}`, path);
  eq(count(), 2);
});

Deno.test("a build that fails leaves what was there, and nothing beside it", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ env: { PATH: "/usr/bin:/bin", SILO_TOOLCHAIN: `${directory.path}/cache` } });
  const fails = (_: Host, made: string) => {
    Deno.mkdirSync(`${made}/bin`);
    return Promise.reject(new Error("no network"));
  };
  await rejects(ensureOwnQemu(host, silent, { build: fails }), /no network/);
  same([...Deno.readDirSync(`${directory.path}/cache`)].map(({ name }) => name), ["silo-qemu.lock"]);
  await ensureOwnQemu(host, silent, { build: builder().build });
  await rejects(ensureOwnQemu(host, silent, { build: fails, force: true }), /no network/);
  eq((await builtQemu(host))?.debian, "1:7.2-1");
  const empty = () => Promise.resolve();
  await rejects(ensureOwnQemu(host, silent, { build: empty, force: true }), /does not start/);
  eq((await builtQemu(host))?.debian, "1:7.2-1");
});

Deno.test("other hosts have none", async () => {
  const host = fakeHost({ architecture: "arm64" });
  await rejects(ensureOwnQemu(host, silent), /for Linux on x86-64 only/);
  eq(await builtQemu(host), undefined);
});
