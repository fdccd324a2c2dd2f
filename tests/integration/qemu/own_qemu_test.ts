/** What silo's QEMU is, and above all what it is not. `scripts/test setup` built it. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { findOwnQemu, hasOwnQemu } from "../../../src/debian/toolbox/own_qemu.ts";
import { realHost } from "../../../src/host.ts";
import { elfSection } from "../../../src/machine/elf.ts";

const host = realHost();
const ignore = !hasOwnQemu(host);

/** What it prints, or how it fails. */
async function qemu(...args: string[]): Promise<string> {
  const own = findOwnQemu(host);
  ok(own !== undefined, "it is not there: scripts/build-qemu");
  const { stdout, stderr } = await new Deno.Command(own.program, { args, signal: AbortSignal.timeout(20_000) })
    .output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/** The first words of a list's lines. */
const names = (list: string) =>
  list.split("\n").slice(1).map((line) => line.split(" ")[0]!).filter((name) => name !== "");

/** Names of `-device help`, without processors. */
async function devices(): Promise<string[]> {
  const found = [...(await qemu("-device", "help")).matchAll(/^name "([^"]+)"/gm)].map((match) => match[1]!);
  return found.filter((name) => !name.endsWith("-cpu")).sort();
}

/** What the two boards bring along whether they are wanted or not; silo's machines have none of it plugged in. */
const OF_THE_BOARDS = ["acpi-erst", "floppy", "i8042", "ich9-ahci", "ide-cd", "ide-hd", "isa-fdc", "isa-serial"].concat(
  ["mc146818rtc", "pc-dimm", "pci-bridge", "pci-bridge-seat", "ramfb", "usb-hub", "usb-kbd", "usb-mouse", "usb-tablet"],
  ["vmcoreinfo", "vmgenid"],
);

Deno.test({
  name: "silo's QEMU says what it is built from",
  ignore,
  fn: async () => {
    const { debian, qemu: version } = findOwnQemu(host)!;
    const said = await qemu("--version");
    ok(said.startsWith(`QEMU emulator version ${version} (silo, from Debian ${debian})\n`), said);
  },
});

Deno.test({
  name: "it has silo's two boards, and no accelerator but the two",
  ignore,
  fn: async () => {
    const boards = names(await qemu("-M", "help")).filter((name) => !name.startsWith("pc-q35-"));
    same(boards.sort(), ["microvm", "none", "q35"]);
    same(names(await qemu("-accel", "help")).sort(), ["kvm", "tcg"]);
  },
});

Deno.test({
  name: "it has no devices but silo's and what its boards are made of",
  ignore,
  fn: async () => {
    const virtio = ["9p", "blk", "rng", "serial"].flatMap((kind) =>
      ["device", "pci", "pci-non-transitional", "pci-transitional"].map((bus) => `virtio-${kind}-${bus}`)
    );
    same(await devices(), [...virtio, "virtconsole", "virtserialport", ...OF_THE_BOARDS].sort());
  },
});

Deno.test({
  name: "it has no network of its own, no display, no remote desktop, and reads no image's format but raw",
  ignore,
  fn: async () => {
    const machine = ["-M", "none", "-display", "none"];
    match(await qemu(...machine, "-netdev", "user,id=n"), /'user' is not compiled into this binary/);
    same(names(await qemu(...machine, "-display", "help")), ["none"]);
    match(await qemu(...machine, "-vnc", ":0"), /VNC support is disabled/);
    const image = await Deno.makeTempFile({ prefix: "silo-image-" });
    try {
      await Deno.writeFile(image, new Uint8Array([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3, ...new Uint8Array(1024)]));
      for (const driver of ["qcow2", "vmdk", "luks"]) {
        const said = await qemu(
          ...machine,
          "-blockdev",
          `driver=${driver},node-name=a,file.driver=file,file.filename=${image}`,
        );
        match(said, /is not whitelisted|Unknown driver|does not accept value/, driver);
      }
    } finally {
      await Deno.remove(image);
    }
  },
});

Deno.test({
  name: "it is one file that loads no other, at another address in each process, and cannot be written over",
  ignore,
  fn: async () => {
    const file = await Deno.readFile(findOwnQemu(host)!.program);
    eq(elfSection(file, ".interp"), undefined, "no dynamic linker");
    eq(file[0x10], 3, "position-independent");
    ok(elfSection(file, ".data.rel.ro") !== undefined, "relocations that are read-only");
  },
});
