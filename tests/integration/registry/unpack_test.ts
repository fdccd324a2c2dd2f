/** What layers add up to: the same as umoci makes of them, name by name. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { flattenLayers } from "../../../src/images/flatten_layers.ts";
import { ImageStore } from "../../../src/images/image_store.ts";
import { type Digest, MEDIA_TYPE } from "../../../src/images/oci_types.ts";
import { archive, directory, entry, file, type Item } from "../../unit/images/entries.ts";
import { describeTree, IS_ROOT, tarUnpack, umociUnpack } from "./harness/compare.ts";
import { SILO } from "../../e2e/harness.ts";
import { makeImage, noise } from "./harness/images.ts";
import { runProgram } from "./harness/packages.ts";
import { temporaryDirectory } from "./harness/setup.ts";

/** Unpacks with both and compares. Returns what was there. */
async function compare(layout: string, tag: string): Promise<Map<string, string>> {
  using work = temporaryDirectory();
  const store = new ImageStore(layout);
  const image = (await store.resolve(tag))!;
  await flattenLayers(store.layerPaths(image), `${work.path}/flat.tar`);
  const ours = await describeTree(await tarUnpack(`${work.path}/flat.tar`, `${work.path}/ours`));
  const theirs = await describeTree(await umociUnpack(layout, tag, `${work.path}/bundle`));
  const different = [...new Set([...ours.keys(), ...theirs.keys()])].filter((path) =>
    ours.get(path) !== theirs.get(path) && (IS_ROOT || !path.startsWith("dev/"))
  );
  deepEqual(
    different.map((path) => [path, ours.get(path)]),
    different.map((path) => [path, theirs.get(path)]),
  );
  await runProgram("chmod", ["-R", "u+rwX", work.path]);
  return ours;
}

const run = (program: string, ...args: string[]) => {
  const { success, stderr } = new Deno.Command(program, { args }).outputSync();
  ok(success, `${program} ${args}: ${new TextDecoder().decode(stderr)}`);
};

Deno.test("five layers with deletions, replacements and back add up as in umoci", async () => {
  using work = temporaryDirectory();
  await makeImage(`${work.path}/layout`, "five", [
    {
      write: { "etc/a": "1", "etc/b": "2", "opt/deep/er/x": "x", "opt/deep/y": "y", "usr/data": noise(300_000, 1) },
      change: (rootfs) => {
        Deno.linkSync(`${rootfs}/etc/a`, `${rootfs}/etc/linked`);
        Deno.symlinkSync("../etc/a", `${rootfs}/opt/to-a`);
        Deno.chmodSync(`${rootfs}/usr/data`, 0o4755);
        run("mkfifo", `${rootfs}/opt/fifo`);
        run("truncate", "-s", "3M", `${rootfs}/opt/sparse`);
        run("setfattr", "-n", "user.note", "-v", "hello", `${rootfs}/etc/b`);
      },
    },
    { remove: ["etc/a", "opt/deep/er"], write: { "etc/c": "3" } },
    { remove: ["opt/deep"], write: { "opt/deep": "a file where a directory was" } },
    { remove: ["opt/deep"], write: { "opt/deep/again/z": "and back", "etc/a": "new" } },
    {
      remove: ["opt/to-a", "usr"],
      write: { "opt/to-a/now": "a directory" },
      change: (rootfs) => Deno.chmodSync(`${rootfs}/etc`, 0o700),
    },
  ]);
  const tree = await compare(`${work.path}/layout`, "five");
  ok(tree.has("etc/linked") && tree.has("opt/deep/again/z") && tree.has("opt/to-a/now"));
  ok(!tree.has("usr/data") && !tree.has("opt/deep/y"));
});

for (
  const [name, source] of [
    ["time zones, which are links of both kinds", "/usr/share/zoneinfo"],
    ["a Perl library", "/usr/share/perl"],
    ["system programs", "/usr/sbin"],
  ] as const
) {
  Deno.test(`an image of this host's files adds up as in umoci: ${name}`, async () => {
    using work = temporaryDirectory();
    const copy = (rootfs: string) => {
      Deno.mkdirSync(`${rootfs}/usr`);
      run("cp", "-a", "--no-preserve=ownership", source, `${rootfs}/usr/`);
    };
    await makeImage(`${work.path}/layout`, "host", [{ change: copy }, { write: { "etc/second": "layer" } }]);
    const tree = await compare(`${work.path}/layout`, "host");
    ok(tree.size > 20, `${tree.size}`);
  });
}

/** An OCI layout with hand-made layers, for what no tool writes. */
async function layoutOf(
  path: string,
  layers: readonly (Uint8Array | readonly (Item | ReturnType<typeof entry>)[])[],
): Promise<void> {
  const store = new ImageStore(path);
  const diffIds: Digest[] = [];
  const descriptors = [];
  for (const [at, items] of layers.entries()) {
    const tar = items instanceof Uint8Array ? items : archive(items);
    diffIds.push(`sha256:${createHash("sha256").update(tar).digest("hex")}`);
    const plain = "application/vnd.oci.image.layer.v1.tar";
    const bytes = at % 2 === 0 ? gzipSync(tar) : tar;
    descriptors.push(await store.putBlob(ReadableStream.from([bytes]), at % 2 === 0 ? `${plain}+gzip` : plain));
  }
  const config = await store.putDocument({
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: diffIds },
  }, MEDIA_TYPE.config);
  const manifest = { schemaVersion: 2 as const, mediaType: MEDIA_TYPE.manifest, config, layers: descriptors };
  await store.tag("hand", await store.putDocument(manifest, MEDIA_TYPE.manifest));
}

const own = { uid: Deno.uid()!, gid: Deno.gid()! };
const mtime = 1_700_000_000;
const dir = (path: string, fields = {}) => directory(path, { ...own, mtime, ...fields });
const text = (path: string, data = "", fields = {}) => file(path, data, { ...own, mtime, ...fields });
const other = (fields: Parameters<typeof entry>[0]) => entry({ ...own, mtime, ...fields });

Deno.test("names, links, whiteouts and attributes that tools rarely write add up as in umoci", async () => {
  using work = temporaryDirectory();
  const long = `${"d".repeat(120)}/${"e".repeat(150)}/${"f".repeat(200)}`;
  await layoutOf(`${work.path}/layout`, [
    [
      dir("a"),
      text("a/one", "1"),
      text("a/two", "2"),
      dir("b"),
      dir("b/in"),
      text("b/in/x", "x"),
      text("latin\xe9", "not UTF-8"),
      text("line\nbreak", "n"),
      text(long, "long", { mode: 0o600 }),
      other({ kind: "symlink", path: "far", link: "t/".repeat(90) + "end", mode: 0o777 }),
      text("hard", "shared"),
      other({ kind: "hardlink", path: "hard2", link: "hard" }),
      other({ kind: "fifo", path: "pipe" }),
      text("attributed", "x", { xattrs: new Map([["user.a", "v\x00w"], ["user.b", ""]]) }),
      dir("implicit"),
      text("empty"),
      text("set", "s", { mode: 0o6755 }),
      dir("sticky", { mode: 0o1777 }),
      text("old", "1", { mtime: 1 }),
      ...(IS_ROOT
        ? [
          text("owned", "o", { uid: 70_000, gid: 65_534 }),
          other({ kind: "character", path: "null", major: 1, minor: 3, mode: 0o666 }),
          other({ kind: "block", path: "disk", major: 259, minor: 300 }),
          text("capable", "c", {
            xattrs: new Map([["security.capability", "\x01\x00\x00\x02\x00\x04\x00\x00" + "\x00".repeat(12)]]),
          }),
        ]
        : []),
    ],
    [
      dir("a"),
      text("a/.wh.one"),
      dir("b"),
      text("b/.wh..wh..opq"),
      text("b/new", "after opaque"),
      text("hard", "no longer shared"),
      text("implicit/made", "parent is there"),
    ],
    [
      text(".wh.empty"),
      other({ kind: "hardlink", path: ".wh.old", link: "hard2" }),
      other({ kind: "symlink", path: "pipe", link: "hard", mode: 0o777 }),
      dir("attributed"),
      text("attributed/now", "a directory"),
    ],
  ]);
  const tree = await compare(`${work.path}/layout`, "hand");
  ok(tree.has("b/new") && !tree.has("b/in") && !tree.has("a/one") && tree.has("latin\xe9") && !tree.has("old"));
});

// The old form, which umoci does not read, is compared with the file itself: tests/unit/images/sparse_test.ts.
Deno.test("sparse files in each form of PAX add up as in umoci", async () => {
  using work = temporaryDirectory();
  Deno.mkdirSync(`${work.path}/source`);
  const forms = ["0.0", "0.1", "1.0"];
  const layers = forms.map((version, at) => {
    const name = `${work.path}/source/sparse${at}`;
    run("sh", "-c", `printf begin >'${name}' && truncate -s 3M '${name}' && printf end >>'${name}'`);
    const args = ["-cf", "-", "--sparse", "--format=posix", `--sparse-version=${version}`];
    return new Deno.Command("tar", { args: [...args, "-C", `${work.path}/source`, `sparse${at}`] }).outputSync().stdout;
  });
  await layoutOf(`${work.path}/layout`, layers);
  equal((await compare(`${work.path}/layout`, "hand")).size, forms.length + 1);
});

Deno.test("python's image from Debian, and four layers on it that delete and replace, add up as in umoci", async () => {
  using work = temporaryDirectory();
  const layout = `${work.path}/layout`;
  run(SILO, "image", "save", "python", `${work.path}/python.tar`);
  const source = `oci-archive:${work.path}/python.tar`;
  const gzip = ["--dest-compress", "--dest-compress-format", "gzip"]; // umoci reads no zstd
  await runProgram("skopeo", ["--insecure-policy", "copy", ...gzip, source, `oci:${layout}:real`]);
  await makeImage(
    layout,
    "five",
    [
      { remove: ["usr/share/doc", "usr/bin/perl"], write: { "opt/a": "1" } },
      { remove: ["opt/a"], write: { "opt/a/b": "a directory where a file was", "usr/share/doc/new": "opaque" } },
      { remove: ["opt/a", "usr/lib/python3/dist-packages"], write: { "opt/a": "and back" } },
      { write: { "usr/bin/perl": "#!/bin/sh" }, change: (rootfs) => Deno.chmodSync(`${rootfs}/usr/bin/perl`, 0o755) },
    ],
    [],
    "real",
  );
  const five = await compare(layout, "five");
  ok(five.size > 5_000 && five.has("usr/bin/python3"), `${five.size}`);
  ok(five.has("usr/share/doc/new") && !five.has("opt/a/b") && !five.has("usr/share/doc/bash"));
});

Deno.test("zstd layers, one after the other in one blob too, add up to the same", async () => {
  using work = temporaryDirectory();
  const tar = archive([dir("a"), text("a/x", "1".repeat(5000))]);
  const halves = [tar.subarray(0, 1024), tar.subarray(1024)];
  for (
    const [name, bytes] of [
      ["zst", zstdCompressSync(tar)],
      ["zst2", Uint8Array.from(halves.flatMap((half) => [...zstdCompressSync(half)]))],
      ["gz2", Uint8Array.from(halves.flatMap((half) => [...gzipSync(half)]))],
    ] as const
  ) {
    Deno.writeFileSync(`${work.path}/${name}`, bytes);
    await flattenLayers([`${work.path}/${name}`], `${work.path}/${name}.tar`);
    deepEqual(Deno.readFileSync(`${work.path}/${name}.tar`), tar, name);
  }
});
