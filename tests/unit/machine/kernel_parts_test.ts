/** Kernels, modules and the initial file system, on made-up ones. */
import { deepStrictEqual as same, rejects, strictEqual as eq, throws } from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { SiloError } from "../../../src/errors.ts";
import { extractVmlinux } from "../../../src/machine/bzimage.ts";
import { cpioArchive, type CpioEntry } from "../../../src/machine/cpio.ts";
import { elfSection } from "../../../src/machine/elf.ts";
import { dependenciesOf, moduleName, readModules } from "../../../src/machine/modules.ts";
import { temporary } from "../images/entries.ts";

const KERNEL = new Uint8Array(5000).fill(7);
KERNEL.set([0x7f, 0x45, 0x4c, 0x46]);

/** A bzImage with one setup sector; `trailer` is what the kernel's build appends to the payload. */
function bzImage(payload: Uint8Array, trailer: number): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(2 * 512 + 16 + payload.length + trailer);
  const view = new DataView(image.buffer);
  image[0x1f1] = 1;
  image.set(new TextEncoder().encode("HdrS"), 0x202);
  view.setUint16(0x206, 0x020f, true);
  view.setUint32(0x248, 16, true);
  view.setUint32(0x24c, payload.length + trailer, true);
  image.set(payload, 2 * 512 + 16);
  return image;
}

/** A minimal 64-bit ELF file with a section `.modinfo`. */
function elf(modinfo: string): Uint8Array<ArrayBuffer> {
  const names = "\0.modinfo\0.shstrtab\0";
  const info = new TextEncoder().encode(modinfo);
  const file = new Uint8Array(64 + 3 * 64 + names.length + info.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  view.setBigUint64(0x28, 64n, true);
  view.setUint16(0x3a, 64, true);
  view.setUint16(0x3c, 3, true);
  view.setUint16(0x3e, 2, true);
  const section = (index: number, name: number, start: number, size: number) => {
    view.setUint32(64 + index * 64, name, true);
    view.setBigUint64(64 + index * 64 + 0x18, BigInt(start), true);
    view.setBigUint64(64 + index * 64 + 0x20, BigInt(size), true);
  };
  const start = 64 + 3 * 64;
  section(1, 1, start + names.length, info.length);
  section(2, 10, start, names.length);
  file.set(new TextEncoder().encode(names), start);
  file.set(info, start + names.length);
  return file;
}

Deno.test("the kernel is taken out of a bzImage, however it is compressed", async () => {
  same(await extractVmlinux(bzImage(gzipSync(KERNEL), 0)), KERNEL);
  same(await extractVmlinux(bzImage(zstdCompressSync(KERNEL), 4)), KERNEL);
  const xz = new Deno.Command("xz", { args: ["-c", "--check=crc32"], stdin: "piped", stdout: "piped" }).spawn();
  const [{ stdout }] = await Promise.all([xz.output(), new Response(KERNEL).body!.pipeTo(xz.stdin)]);
  same(await extractVmlinux(bzImage(stdout, 4)), KERNEL);
});

Deno.test("what is no kernel is refused with a message", async () => {
  const good = bzImage(gzipSync(KERNEL), 0);
  await rejects(extractVmlinux(new Uint8Array(1000)), SiloError);
  await rejects(extractVmlinux(good.slice(0, good.length - 10)), /truncated/);
  await rejects(extractVmlinux(bzImage(gzipSync(new Uint8Array(100)), 0)), /no ELF/);
  const damaged = good.slice();
  damaged.fill(0, good.length - 30);
  await rejects(extractVmlinux(damaged), /damaged/);
});

Deno.test("modules come after what they need; built-in and unknown ones are left out", async () => {
  using folder = temporary();
  const kernel = `${folder.path}/kernel/drivers`;
  Deno.mkdirSync(`${kernel}/deep`, { recursive: true });
  Deno.writeFileSync(`${kernel}/top.ko`, elf("license=GPL\0depends=mid-dle,builtin\0name=top\0"));
  Deno.writeFileSync(`${kernel}/deep/mid-dle.ko.gz`, gzipSync(elf("depends=base\0")));
  Deno.writeFileSync(`${kernel}/deep/base.ko`, elf("depends=\0"));
  Deno.writeTextFileSync(`${folder.path}/modules.builtin`, "kernel/lib/builtin.ko\n");
  const modules = await readModules(folder.path, ["top", "base", "unknown"]);
  same(modules.map(({ name }) => name), ["base", "mid_dle", "top"]);
  Deno.removeSync(`${kernel}/deep/base.ko`);
  await rejects(readModules(folder.path, ["top"]), /mid_dle needs base/);
});

Deno.test("module names and sections", () => {
  eq(moduleName("kernel/drivers/char/hw_random/virtio-rng.ko.xz"), "virtio_rng");
  same(dependenciesOf(elf("depends=\0")), []);
  eq(elfSection(elf("a=b\0"), ".nothing"), undefined);
  eq(elfSection(new Uint8Array(200), ".modinfo"), undefined);
  throws(() => dependenciesOf(new Uint8Array(10)), SiloError);
});

Deno.test("the initial file system is a newc archive", () => {
  const entries: CpioEntry[] = [
    { path: "lib", kind: "directory", mode: 0o755 },
    { path: "lib/a", kind: "file", mode: 0o644, data: new TextEncoder().encode("hello") },
    { path: "init", kind: "file", mode: 0o755, data: new Uint8Array(3) },
  ];
  const bytes = [...cpioArchive(entries)].reduce((all, part) => new Uint8Array([...all, ...part]), new Uint8Array());
  same(parseNewc(bytes), [
    { path: "lib", mode: 0o40755, data: "" },
    { path: "lib/a", mode: 0o100644, data: "hello" },
    { path: "init", mode: 0o100755, data: "\0\0\0" },
  ]);
  eq(bytes.length % 4, 0);
  throws(() => [...cpioArchive([{ path: "/init", kind: "file", mode: 0 }])], RangeError);
});

/** A reader written from the kernel's description of the format, apart from the writer. */
function parseNewc(bytes: Uint8Array): { path: string; mode: number; data: string }[] {
  const text = new TextDecoder("latin1").decode(bytes);
  const align = (n: number) => (n + 3) & ~3;
  const entries = [];
  for (let at = 0;;) {
    eq(text.slice(at, at + 6), "070701");
    const field = (i: number) => parseInt(text.slice(at + 6 + i * 8, at + 14 + i * 8), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const path = text.slice(at + 110, at + 110 + nameSize - 1);
    const data = align(at + 110 + nameSize);
    if (path === "TRAILER!!!") return entries;
    entries.push({ path, mode, data: text.slice(data, data + size) });
    at = align(data + size);
  }
}
