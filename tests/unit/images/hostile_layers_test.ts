/** Layers made to do harm: each is refused with layer, entry and reason, in bounded memory and time. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import { createGzip, gzipSync, zstdCompressSync } from "node:zlib";
import { pipeline } from "node:stream/promises";
import { createWriteStream } from "node:fs";
import fc from "fast-check";
import { SiloError } from "../../../src/errors.ts";
import { flattenLayers, type FlattenOptions } from "../../../src/images/flatten_layers.ts";
import type { Digest } from "../../../src/images/oci_types.ts";
import { tarHeader } from "../../../src/images/tar_writer.ts";
import { archive, directory, entry, file, type Item, temporary } from "./entries.ts";

type Layer = readonly (Item | ReturnType<typeof entry>)[] | Uint8Array;

/** Flattens layers in a directory of their own, and looks that nothing but the output appears. */
async function flatten(layers: readonly Layer[], options: FlattenOptions = {}): Promise<void> {
  using folder = temporary();
  const paths = layers.map((layer, at) => {
    const path = `${folder.path}/${at}`;
    Deno.writeFileSync(path, layer instanceof Uint8Array ? layer : archive(layer));
    return path;
  });
  try {
    await flattenLayers(paths, `${folder.path}/out`, options);
  } finally {
    const there = [...Deno.readDirSync(folder.path)].map(({ name }) => name).toSorted();
    deepEqual(there, [...layers.keys().map(String), "out"]);
  }
}

/** The header of an entry with some bytes changed and its checksum made right again. */
function headerWith(path: string, at: number, bytes: readonly number[]): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(tarHeader(entry({ path, size: 10 })));
  header.set(bytes, at);
  header.fill(32, 148, 156);
  const sum = header.subarray(0, 512).reduce((sum, byte) => sum + byte, 0);
  header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return header;
}

const good: Layer = [directory("etc"), file("etc/good", "1")];
const link = (path: string, target: string) => entry({ kind: "symlink", path, link: target });
const hard = (path: string, target: string) => entry({ kind: "hardlink", path, link: target });
const SIZE = 124;

for (
  const [name, layer, place, why] of [
    ["an absolute path", [file("/etc/passwd", "x")], "/etc/passwd", /is an absolute path/],
    ["a path that leaves", [file("a/../../x", "x")], "a/../../x", /leads out of the archive/],
    ["a write through a link", [link("out", "/tmp"), file("out/x", "x")], "out/x", /would be written through "out"/],
    ["a write through a link of a lower layer", [file("etc/good/x", "x")], "etc/good/x", /would be written through/],
    ["a write through a relative link", [link("up", "../../.."), file("up/x")], "up/x", /would be written through/],
    ["a hard link to outside", [hard("h", "/etc/shadow")], "/etc/shadow", /is an absolute path/],
    ["a hard link that leaves", [hard("h", "../../etc/shadow")], "../../etc/shadow", /leads out/],
    ["a hard link through a link", [link("l", "/etc"), hard("h", "l/shadow")], "h", /which is not there/],
    ["a hard link to a directory", [hard("h", "etc")], "h", /hard link to a directory/],
    ["something in a whiteout", [file(".wh.x/y", "x")], ".wh.x/y", /inside a whiteout/],
    ["a whiteout of the parent", [file("etc/.wh...")], ".wh...", /hides nothing/],
    ["a name over 255 bytes", [file("n".repeat(300))], "n".repeat(300), /over 255 bytes/],
    ["a path over 4095 bytes", [file("n/".repeat(2500) + "x")], undefined, /longer than 4095/],
    ["a negative size", headerWith("neg", SIZE, [0xff, ...Array(10).fill(0xff), 0xf0]), "neg", /impossible size/],
    ["a huge size", headerWith("huge", SIZE, [0x80, ...Array(10).fill(0x7f), 0]), "huge", /impossible size/],
    [
      "a size beyond the archive",
      headerWith("long", SIZE, [...new TextEncoder().encode("77777777777\0")]),
      "long",
      /truncated/,
    ],
    [
      "a number that is none",
      headerWith("odd", SIZE, [...new TextEncoder().encode("9z")]),
      undefined,
      /a number that is none/,
    ],
    ["an unknown kind", headerWith("kind", 156, [0x5a]), "kind", /unknown kind/],
    ["no archive at all", new TextEncoder().encode("<html>".repeat(500)), undefined, /no tar archive/],
  ] as const
) {
  Deno.test(`refused with layer, entry and reason: ${name}`, async () => {
    await rejects(flatten([good, layer as Layer]), (error) => {
      ok(error instanceof SiloError);
      match(error.message, /^could not unpack the image: layer 2 of 2: /);
      match(error.message, why);
      if (place !== undefined) ok(error.message.includes(JSON.stringify(place)), error.message);
      return true;
    });
  });
}

Deno.test("a truncated or damaged compressed layer names the entry at which it ends", async () => {
  const tar = archive([file("first", "x"), file("second", "0123456789".repeat(50_000) + Math.random())]);
  for (const compressed of [new Uint8Array(gzipSync(tar)), new Uint8Array(zstdCompressSync(tar))]) {
    const cut = compressed.subarray(0, compressed.length - 8);
    await rejects(flatten([good, cut]), /layer 2 of 2: .*(damaged|truncated)/);
  }
  await rejects(
    flatten([good, tar.subarray(0, 3000)]),
    /layer 2 of 2: the archive is truncated \(at or after "second"\)/,
  );
});

Deno.test("bombs of both compressions end at the bound", async () => {
  const head = archive([file("zeros", "\0".repeat(512))]).subarray(0, 1024);
  const zeros = new Uint8Array((16 << 20) + 2048);
  zeros.set(tarHeader(entry({ path: "zeros", size: 16 << 20 })));
  for (const bomb of [new Uint8Array(gzipSync(zeros)), new Uint8Array(zstdCompressSync(zeros))]) {
    ok(bomb.length < 50_000);
    await rejects(
      flatten([good, bomb], { maxBytes: 4 << 20 }),
      /layer 2 of 2: the image unpacks to more than 4194304 bytes \(at or after "zeros"\)/,
    );
  }
  // Behind the end of the archive too.
  zeros.fill(0);
  zeros.set(head);
  await rejects(flatten([new Uint8Array(gzipSync(zeros))], { maxBytes: 4 << 20 }), /more than 4194304/);
});

Deno.test("layers that are not what the configuration says are refused", async () => {
  const tar = archive([file("a", "1")]);
  const diffId: Digest = `sha256:${createHash("sha256").update(tar).digest("hex")}`;
  const wrong: Digest = `sha256:${"0".repeat(64)}`;
  await flatten([new Uint8Array(gzipSync(tar))], { diffIds: [diffId] });
  await flatten([tar, tar], { diffIds: [diffId, diffId] });
  await rejects(flatten([tar], { diffIds: [wrong] }), /layer 1 of 1: it unpacks to sha256:.*, and the image says/);
  await rejects(flatten([tar, tar], { diffIds: [diffId, wrong] }), /layer 2 of 2/);
});

Deno.test("very many entries are unpacked in bounded memory", async () => {
  using folder = temporary();
  const path = `${folder.path}/many.tar.gz`;
  async function* headers() {
    let batch: Uint8Array[] = [];
    for (let at = 0; at < 150_000; at++) {
      batch.push(tarHeader(entry({ path: `d${at % 1000}/f${at}` })));
      if (batch.length === 2000) {
        yield await new Blob(batch as BlobPart[]).bytes();
        batch = [];
      }
    }
    yield new Uint8Array(1024);
  }
  await pipeline(headers, createGzip({ level: 1 }), createWriteStream(path));
  const before = Deno.memoryUsage().rss;
  const { entries } = await flattenLayers([path], `${folder.path}/out`);
  equal(entries, 151_001); // the directories that no entry names are there as well
  const used = (Deno.memoryUsage().rss - before) / 1024 ** 2;
  ok(used < 400, `${used} MiB`);
});

Deno.test("mutated layers are unpacked or refused by a SiloError, whatever the compression", async () => {
  const tar = archive([
    directory("d"),
    file("d/a", "1".repeat(600)),
    link("l", "d"),
    hard("h", "d/a"),
    file("d/.wh.b"),
  ]);
  const kinds = [tar, new Uint8Array(gzipSync(tar)), new Uint8Array(zstdCompressSync(tar))];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...kinds),
      fc.array(fc.tuple(fc.nat(10_000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.option(fc.nat(10_000), { nil: undefined }),
      async (original, changes, cut) => {
        const bytes = original.slice(0, cut === undefined ? undefined : cut % original.length);
        for (const [at, value] of changes) bytes[at % Math.max(bytes.length, 1)] = value;
        try {
          await flatten([good, bytes], { maxBytes: 1 << 20 });
        } catch (error) {
          equal((error as Error).name, "SiloError", (error as Error).stack);
        }
      },
    ),
    { numRuns: 400 },
  );
});
