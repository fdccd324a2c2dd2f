/** Layers into one archive, and that archive into an ext4 file system. */
import { deepStrictEqual as same, rejects, strictEqual as eq } from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { locateMke2fs } from "../../../src/debian/toolbox/e2fsprogs.ts";
import { SiloError } from "../../../src/errors.ts";
import { realHost } from "../../../src/host.ts";
import { ByteReader } from "../../../src/images/byte_reader.ts";
import { setAttributes } from "../../../src/images/ext4_attributes.ts";
import { flattenLayers } from "../../../src/images/flatten_layers.ts";
import { rootfsSizeMiB } from "../../../src/images/image_rootfs.ts";
import { byteString, type TarEntry } from "../../../src/images/tar_entry.ts";
import { fileData } from "../../../src/images/sparse.ts";
import { readTar } from "../../../src/images/tar_reader.ts";
import { archive, chunked, directory, entry, file, type Item, temporary } from "./entries.ts";

type Layer = (Item | TarEntry)[];

async function flatten(folder: string, ...layers: (Layer | Uint8Array)[]) {
  const paths = layers.map((layer, i) => {
    Deno.writeFileSync(`${folder}/layer${i}`, layer instanceof Uint8Array ? layer : archive(layer));
    return `${folder}/layer${i}`;
  });
  const output = `${folder}/flat.tar`;
  const size = await flattenLayers(paths, output);
  const reader = new ByteReader(chunked(Deno.readFileSync(output), 700));
  const items: Record<string, string> = {};
  const heads: TarEntry[] = [];
  for await (const head of readTar(reader)) {
    let data = head.kind === "hardlink" ? `-> ${head.link}` : "";
    for await (const part of fileData(reader, head)) data += byteString(part);
    heads.push(head);
    items[head.path + (head.kind === "directory" ? "/" : "")] = data;
  }
  return { size, items, heads, output };
}

Deno.test("one layer, plain or compressed, keeps its order and content", async () => {
  const layer: Layer = [
    directory(""),
    directory("d"),
    file("d/a", "A"),
    entry({ path: "d/b", kind: "hardlink", link: "d/a" }),
  ];
  for (const pack of [(b: Uint8Array) => b, gzipSync, zstdCompressSync]) {
    using folder = temporary();
    const { items, size } = await flatten(folder.path, new Uint8Array(pack(archive(layer))));
    same(items, { "/": "", "d/": "", "d/a": "A", "d/b": "-> d/a" });
    same(size, { entries: 4, bytes: 4096, attributed: [] });
  }
});

Deno.test("a layer that repeats itself or names files before their directories is set right", async () => {
  using folder = temporary();
  const { items, heads } = await flatten(folder.path, [
    file("d/x", "old"),
    directory("d", { mode: 0o700 }),
    file("d/x", "new"),
  ]);
  same(items, { "/": "", "d/": "", "d/x": "new" });
  same(heads.map(({ path }) => path), ["", "d", "d/x"]);
  eq(heads[1]!.mode, 0o700);
});

Deno.test("layers are merged: whiteouts, replacements, links whose first name is gone", async () => {
  using folder = temporary();
  const { items } = await flatten(
    folder.path,
    [file("a", "A"), file("b", "B"), entry({ path: "c", kind: "hardlink", link: "a" }), file("d/x", "X")],
    [file(".wh.a"), file("b", "B2"), file("d/.wh..wh..opq"), file("d/y", "Y")],
  );
  same(items, { "/": "", "d/": "", "c": "A", "b": "B2", "d/y": "Y" });
});

Deno.test("hostile and damaged layers are refused with a message", async () => {
  const hostile: [Layer | Uint8Array, RegExp][] = [
    [[file("/etc/passwd")], /absolute/],
    [[file("../x")], /leads out/],
    [[entry({ path: "l", kind: "symlink", link: "/" }), file("l/x")], /written through/],
    [[entry({ path: "h", kind: "hardlink", link: "nothing" })], /not there/],
    [new Uint8Array(2000).fill(65), /checksum|truncated/],
    [archive([file("a", "x".repeat(5000))]).subarray(0, 2000), /truncated/],
    [
      new Uint8Array(gzipSync(archive([file("a", "x".repeat(5000))]))).subarray(0, 60),
      /damaged|truncated|unexpected end/,
    ],
  ];
  for (const [layer, message] of hostile) {
    using folder = temporary();
    await rejects(flatten(folder.path, layer), (error) => error instanceof SiloError && message.test(error.message));
  }
});

Deno.test("the file system is large enough for many small files and for large ones", () => {
  eq(rootfsSizeMiB({ entries: 10, bytes: 0 }), 1024);
  eq(rootfsSizeMiB({ entries: 1_000_000, bytes: 0 }) * 64 > 1_000_000, true);
  eq(rootfsSizeMiB({ entries: 10, bytes: 8 * 1024 ** 3 }) > 8 * 1024, true);
});

const mke2fs = await locateMke2fs(realHost());

Deno.test({
  name: "ext4: owners, modes, devices, links, attributes and names of any bytes arrive",
  ignore: mke2fs === undefined,
}, async () => {
  using folder = temporary();
  const deep = Array.from({ length: 12 }, () => "deep".repeat(20)).join("/");
  const { output, size } = await flatten(folder.path, [
    directory(""),
    file("owned", "data", { uid: 100_000, gid: 1_000_000_000, mode: 0o4755 }),
    entry({ path: "twin", kind: "hardlink", link: "owned" }),
    entry({ path: "null", kind: "character", major: 1, minor: 3, mode: 0o666 }),
    entry({ path: "pipe", kind: "fifo", mode: 0o600 }),
    entry({ path: "sym", kind: "symlink", link: "x".repeat(200), mode: 0o777 }),
    file("capable", "x", {
      xattrs: new Map([["security.capability", "\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0"], ["user.note", "hi"]]),
    }),
    file('a "quoted" name', "x", { xattrs: new Map([["user.raw", "\x00\xff\n"]]) }),
    file("caf\xc3\xa9", "utf-8"),
    file("latin\xe9", "not utf-8"),
    file(`${deep}/end`, "deep"),
  ]);
  const image = `${folder.path}/image`;
  const [program, ...args] = mke2fs as [string, ...string[]];
  const made = await new Deno.Command(program, {
    args: [...args, "-q", "-F", "-t", "ext4", "-d", output, image, "64M"],
  }).output();
  eq(new TextDecoder().decode(made.stderr), "");
  await setAttributes(realHost(), image, size.attributed);
  const debugfs = async (request: string) => {
    const { stdout } = await new Deno.Command("/usr/sbin/debugfs", { args: ["-R", request, image], stderr: "null" })
      .output();
    return byteString(stdout);
  };
  const owned = await debugfs("stat owned");
  eq(/User:\s*100000\s+Group:\s*1000000000/.test(owned), true, owned);
  eq(/Mode:\s*04755/.test(owned) && /Links: 2/.test(owned), true, owned);
  eq(/Device major\/minor number: 01:03/.test(await debugfs("stat null")), true);
  eq(/Type: FIFO/.test(await debugfs("stat pipe")), true);
  eq(
    (await debugfs("stat sym")).includes("x".repeat(200)) || (await debugfs("cat sym")).includes("x".repeat(200)),
    true,
  );
  const attributes = await debugfs("stat capable");
  eq(/security\.capability \(20\)/.test(attributes) && /user\.note \(2\) = "hi"/.test(attributes), true, attributes);
  const quoted = await debugfs(`stat "a ""quoted"" name"`);
  eq(quoted.includes("user.raw (3) = 00 ff 0a"), true, quoted);
  eq(await debugfs("cat caf\u00e9"), "utf-8");
  eq((await debugfs("ls -p /")).includes("latin\xe9"), true);
  eq(await debugfs(`cat ${deep}/end`), "deep");
});
