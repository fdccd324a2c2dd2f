/** The tar reader and writer: together, against GNU tar, and against hostile archives. */
import { deepStrictEqual as same, rejects, strictEqual as eq } from "node:assert/strict";
import fc from "fast-check";
import { ByteReader, TruncatedError } from "../../../src/images/byte_reader.ts";
import { byteString, normalisePath, type TarEntry, TarError } from "../../../src/images/tar_entry.ts";
import { fileData } from "../../../src/images/sparse.ts";
import { readTar } from "../../../src/images/tar_reader.ts";
import { tarHeader } from "../../../src/images/tar_writer.ts";
import { archive, chunked, directory, entry, file, type Item, temporary } from "./entries.ts";

async function readAll(bytes: Uint8Array, chunk = 1000): Promise<[TarEntry, string][]> {
  const reader = new ByteReader(chunked(bytes, chunk));
  const items: [TarEntry, string][] = [];
  for await (const head of readTar(reader)) {
    let data = "";
    for await (const part of fileData(reader, head)) data += byteString(part);
    items.push([head, data]);
  }
  return items;
}

const byte = fc.integer({ min: 1, max: 255 }).filter((b) => b !== 0x2f);
const name = fc.array(byte, { minLength: 1, maxLength: 200 })
  .map((bytes) => String.fromCharCode(...bytes)).filter((text) => text !== "." && text !== "..");
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const value = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 }).map((b) => String.fromCharCode(...b));
const common = {
  path,
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 0xffffffff }),
  gid: fc.integer({ min: 0, max: 0xffffffff }),
  mtime: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
  xattrs: fc.dictionary(fc.stringMatching(/^(user|security)\.[a-z]{1,20}$/), value, { maxKeys: 3 })
    .map((record) => new Map(Object.entries(record))),
};
const anyItem: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ ...common, data: value }).map(({ data, ...fields }): Item => file(fields.path, data, fields)),
  fc.record(common).map((fields): Item => [directory(fields.path, fields), ""]),
  fc.record({ ...common, link: name }).map((fields): Item => [entry({ ...fields, kind: "symlink" }), ""]),
  fc.record({ ...common, link: path }).map((fields): Item => [entry({ ...fields, kind: "hardlink" }), ""]),
  fc.record({ ...common, major: fc.nat(0x1fffff), minor: fc.nat(0xffffff) })
    .map((fields): Item => [entry({ ...fields, kind: "character" }), ""]),
);

Deno.test("what is written is read back, whatever the bytes and the chunks", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyItem, { maxLength: 8 }), fc.integer({ min: 1, max: 2000 }), async (items, chunk) => {
      same(await readAll(archive(items), chunk), items.map(([head, data]) => [head, data]));
    }),
    { numRuns: 150 },
  );
});

Deno.test("a fraction of a second is kept", async () => {
  const [[head]] = await readAll(archive([file("a", "", { mtime: 1234567890.25 })])) as [[TarEntry, string]];
  eq(head.mtime, 1234567890.25);
});

Deno.test("cutting an archive anywhere is noticed, or leaves whole entries", async () => {
  const whole = archive([file("a/long".padEnd(150, "x"), "data".repeat(300)), file("b", "more")]);
  const all = await readAll(whole);
  await fc.assert(fc.asyncProperty(fc.nat(whole.length), async (length) => {
    try {
      const items = await readAll(whole.subarray(0, length));
      same(items, all.slice(0, items.length));
    } catch (error) {
      if (!(error instanceof TarError || error instanceof TruncatedError)) throw error;
    }
  }));
});

Deno.test("flipping any byte gives entries or a TarError, never another failure", async () => {
  const whole = archive([file("a".repeat(120), "data", { xattrs: new Map([["user.x", "1"]]) }), directory("d")]);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
      const broken = whole.slice();
      broken[at] = byte;
      try {
        await readAll(broken);
      } catch (error) {
        if (!(error instanceof TarError || error instanceof TruncatedError)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("paths that leave the archive are refused", async () => {
  for (const bad of ["/etc/passwd", "../x", "a/../../x", "a/..", "..", "a\0b", "x".repeat(256), "a/".repeat(2100)]) {
    await rejects(readAll(archive([file(bad.replaceAll("\0", "\x01"))])).then(() => normalisePath(bad)), TarError);
  }
  eq(normalisePath("./a//b/./c/"), "a/b/c");
  eq(normalisePath("./"), "");
});

Deno.test("hard links out of the archive are refused; symbolic links are data", async () => {
  for (const link of ["/etc/shadow", "../../etc/shadow"]) {
    await rejects(readAll(archive([entry({ path: "l", kind: "hardlink", link })])), TarError);
    eq((await readAll(archive([entry({ path: "l", kind: "symlink", link })])))[0]![0].link, link);
  }
});

Deno.test("endless extended headers are refused", async () => {
  const header = tarHeader(file("x".repeat(120))[0]); // L header, its data, and the entry's own header
  const extension = header.subarray(0, header.length - 512);
  const many = new Uint8Array(extension.length * 100);
  for (let i = 0; i < 100; i++) many.set(extension, i * extension.length);
  await rejects(readAll(many), TarError);
});

Deno.test("GNU tar's own archives are read, and GNU tar reads silo's", async () => {
  using folder = temporary();
  const source = `${folder.path}/source`;
  const long = `${"d".repeat(120)}/${"f".repeat(130)}`;
  Deno.mkdirSync(`${source}/${"d".repeat(120)}`, { recursive: true });
  Deno.writeTextFileSync(`${source}/${long}`, "long");
  Deno.writeTextFileSync(`${source}/plain`, "plain");
  Deno.symlinkSync("t".repeat(150), `${source}/link`);
  Deno.linkSync(`${source}/plain`, `${source}/second`);
  for (const format of ["gnu", "pax", "ustar"]) {
    const paths = format === "ustar" ? ["plain", "second"] : ["."];
    const { success, stdout } = await new Deno.Command("tar", {
      args: ["-cf", "-", `--format=${format}`, "-C", source, ...paths],
    }).output();
    eq(success, true);
    const items = await readAll(stdout);
    const find = (wanted: string) => items.find(([head]) => head.path === wanted);
    eq(find("plain")?.[1] || find("second")?.[1], "plain");
    if (format === "ustar") continue;
    eq(find(long)?.[1], "long");
    eq(find("link")?.[0].link, "t".repeat(150));
    eq(items.filter(([head]) => head.kind === "hardlink").length, 1);

    Deno.writeFileSync(`${folder.path}/ours.tar`, archive(items));
    const target = `${folder.path}/target-${format}`;
    Deno.mkdirSync(target);
    const back = await new Deno.Command("tar", { args: ["-xf", `${folder.path}/ours.tar`, "-C", target] }).output();
    eq(new TextDecoder().decode(back.stderr), "");
    const diff = await new Deno.Command("diff", { args: ["-r", "--no-dereference", source, target] }).output();
    eq(new TextDecoder().decode(diff.stdout), "");
  }
});
