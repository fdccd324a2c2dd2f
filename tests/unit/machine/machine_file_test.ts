/** When what was prepared for runs still holds. */
import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import { type Host, realHost } from "../../../src/host.ts";
import {
  type Machine,
  MACHINE_FILE_VERSION,
  machineFilePath,
  overridesOf,
  readMachine,
  stampOf,
} from "../../../src/machine/machine_file.ts";
import { temporary } from "../images/entries.ts";

function prepare(folder: string): { host: Host; machine: Machine; write: (machine: unknown) => void } {
  const host: Host = { ...realHost(), home: folder, siloHome: folder, env: {} };
  Deno.mkdirSync(`${folder}/machine`);
  for (const name of ["kernel", "initrd", "helper", "guest", "qemu", "mke2fs"]) {
    Deno.writeTextFileSync(`${folder}/${name}`, name);
  }
  Deno.writeTextFileSync(`${folder}/scratch`, "");
  Deno.truncateSync(`${folder}/scratch`, 1024 * 1024);
  const machine: Machine = {
    version: MACHINE_FILE_VERSION,
    kernel: { path: `${folder}/kernel`, release: "6.1" },
    initrd: `${folder}/initrd`,
    linux: {
      scratch: { template: `${folder}/scratch`, sizeMiB: 1 },
      qemu: [`${folder}/qemu`],
      mke2fs: [`${folder}/mke2fs`],
    },
    helper: `${folder}/helper`,
    guest: stampOf(`${folder}/guest`)!,
    overrides: overridesOf(host),
  };
  const write = (value: unknown) => Deno.writeTextFileSync(machineFilePath(host), JSON.stringify(value));
  write(machine);
  return { host, machine, write };
}

Deno.test("what is whole is taken as it is", () => {
  using folder = temporary();
  const { host, machine } = prepare(folder.path);
  same(readMachine(host), machine);
});

Deno.test("anything missing makes it stale, but the agent's own file", () => {
  for (const name of ["kernel", "initrd", "helper", "qemu", "mke2fs", "scratch", "machine/machine.json"]) {
    using folder = temporary();
    const { host } = prepare(folder.path);
    Deno.removeSync(`${folder.path}/${name}`);
    eq(readMachine(host), undefined, name);
  }
  using folder = temporary();
  const { host, machine } = prepare(folder.path);
  Deno.removeSync(`${folder.path}/guest`);
  same(readMachine(host), machine);
});

Deno.test("a new agent, another command, another version or a damaged file make it stale", () => {
  using folder = temporary();
  const { host, machine, write } = prepare(folder.path);
  eq(readMachine({ ...host, env: { SILO_QEMU: "/other" } }), undefined);
  write({ ...machine, version: MACHINE_FILE_VERSION + 1 });
  eq(readMachine(host), undefined);
  Deno.writeTextFileSync(machineFilePath(host), '{"version":');
  eq(readMachine(host), undefined);
  write(machine);
  Deno.truncateSync(machine.linux!.scratch.template, 5);
  eq(readMachine(host), undefined);
  Deno.truncateSync(machine.linux!.scratch.template, 1024 * 1024);
  Deno.writeTextFileSync(machine.guest.path, "another agent");
  eq(readMachine(host), undefined);
});

Deno.test("silo's QEMU that was built since makes it stale; one that is out of sight does not", () => {
  using folder = temporary();
  const { host, machine, write } = prepare(folder.path);
  const withCache: Host = { ...host, architecture: "x86_64", env: { SILO_TOOLCHAIN: `${folder.path}/cache` } };
  const marker = `${folder.path}/cache/silo-qemu/share/silo-qemu.json`;
  same(readMachine(withCache), machine);
  Deno.mkdirSync(marker.slice(0, marker.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(marker, "{}");
  eq(readMachine(withCache), undefined, "there is one now");
  const chosen = { ...machine, linux: { ...machine.linux!, ownQemu: stampOf(marker)! } };
  write(chosen);
  same(readMachine(withCache), chosen);
  same(readMachine(host), chosen, "by another toolchain cache");
  same(readMachine({ ...withCache, architecture: "arm64" }), chosen);
  Deno.writeTextFileSync(marker, "{ }");
  eq(readMachine(withCache), undefined, "it was built anew");
});

Deno.test("a Mac's machine needs no QEMU, and one of another platform is none", () => {
  using folder = temporary();
  const { host, machine, write } = prepare(folder.path);
  const { linux: _linux, ...apple } = machine;
  write(apple);
  eq(readMachine(host), undefined);
  same(readMachine({ ...host, platform: "macos" }), apple);
  write(machine);
  eq(readMachine({ ...host, platform: "macos" }), undefined);
});
