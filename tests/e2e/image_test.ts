/** The image as it was built and the root filesystem as the guest sees it are the same, to the last attribute. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { python, shell, silo, siloEnv } from "./harness.ts";

const home = () => siloEnv().SILO_HOME ?? join(Deno.env.get("HOME")!, ".silo");

Deno.test("the image store is an OCI image layout whose blobs are what their names say", async () => {
  const images = join(home(), "images");
  same(JSON.parse(Deno.readTextFileSync(join(images, "oci-layout"))), { imageLayoutVersion: "1.0.0" });
  const index = JSON.parse(Deno.readTextFileSync(join(images, "index.json")));
  eq(index.schemaVersion, 2);
  ok(index.manifests.length >= 1);
  const { createHash } = await import("node:crypto");
  for (const blob of Deno.readDirSync(join(images, "blobs/sha256"))) {
    if (!/^[0-9a-f]{64}$/.test(blob.name)) continue;
    const hash = createHash("sha256");
    using file = await Deno.open(join(images, "blobs/sha256", blob.name));
    const buffer = new Uint8Array(2 ** 20);
    for (let n; (n = await file.read(buffer)) !== null;) hash.update(buffer.subarray(0, n));
    eq(hash.digest("hex"), blob.name);
  }
});

/** What the guest makes for itself in every machine, or what stands under its own mounts. */
const MADE_AT_BOOT =
  /^\/(proc|sys|dev|run|tmp|workspace|home|var\/cache\/silo|etc\/(hosts|hostname|resolv\.conf|machine-id|mtab|passwd|group|g?shadow)$)/;

Deno.test("every file of the image is in the root filesystem with its type, mode, owner, size and link", async () => {
  const layer = await unpackedLayer();
  try {
    const listing = new Deno.Command("tar", {
      args: ["--numeric-owner", "--quoting-style=literal", "-tvf", layer],
      env: { LC_ALL: "C.UTF-8" },
    });
    const expected = tarEntries(new TextDecoder().decode((await listing.output()).stdout));
    ok(expected.size > 3_000, `${expected.size} entries`);
    const run = await silo([
      "run",
      "--net", // with a network the host's authorities join the image's
      "none",
      "--user",
      "root",
      "--exec",
      "python",
      "find",
      "/",
      "-xdev",
      "-printf",
      "%M\\t%U/%G\\t%s\\t%n\\t%p\\t%l\\n",
    ]);
    const seen = new Map(
      run.stdout.split("\n").filter(Boolean).map((line) => {
        const [mode, owner, size, links, path, target] = line.split("\t");
        return [path!, { mode: mode!, owner: owner!, size: size!, links: Number(links), target: target! }] as const;
      }),
    );
    for (const [path, entry] of expected) {
      if (MADE_AT_BOOT.test(path)) continue;
      const found = seen.get(path);
      ok(found, `${path} is missing`);
      if (entry.hardlink) {
        ok(found.links > 1, `${path} is a hard link in the image`);
        eq(found.size, seen.get(entry.target)?.size, path);
        continue;
      }
      const size = entry.mode.startsWith("-") ? entry.size : "";
      same(
        { mode: found.mode, owner: found.owner, size: size && found.size, target: found.target },
        { mode: entry.mode, owner: entry.owner, size, target: entry.target },
        path,
      );
    }
    const added = [...seen.keys()].filter((path) => !expected.has(path) && !MADE_AT_BOOT.test(path));
    same(added.filter((path) => !/^\/$|^\/lost\+found$/.test(path)), []);
    ok([...expected.values()].some((e) => /^-..s/.test(e.mode)), "the image has a set-uid program to compare");
  } finally {
    Deno.removeSync(layer);
  }
});

/** The image's only layer as a plain tar in a temporary file. */
async function unpackedLayer(): Promise<string> {
  const images = join(home(), "images");
  const blob = (digest: string) => join(images, "blobs", digest.replace(":", "/"));
  const index = JSON.parse(Deno.readTextFileSync(join(images, "index.json")));
  const python = index.manifests.find((m: { annotations?: Record<string, string> }) =>
    m.annotations?.["org.opencontainers.image.ref.name"]?.startsWith("debian/python")
  );
  const manifest = JSON.parse(Deno.readTextFileSync(blob(python.digest)));
  eq(manifest.layers.length, 1);
  const path = Deno.makeTempFileSync({ suffix: ".tar" });
  using source = await Deno.open(blob(manifest.layers[0].digest));
  using target = await Deno.open(path, { write: true });
  const compressed = Readable.fromWeb(source.readable as unknown as NodeReadableStream);
  const decompressed = manifest.layers[0].mediaType.endsWith("+zstd")
    ? compressed.pipe(createZstdDecompress())
    : compressed.pipe(createGunzip());
  for await (const chunk of decompressed) await writeAll(target, chunk);
  return path;
}

async function writeAll(file: Deno.FsFile, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.length;) offset += await file.write(chunk.subarray(offset));
}

interface Entry {
  mode: string;
  owner: string;
  size: string;
  target: string;
  hardlink: boolean;
}

/** Reads what `tar -tv` prints; paths are absolute and without a slash at the end. */
function tarEntries(listing: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const line of listing.split("\n")) {
    const match = /^(\S{10})\s+(\d+\/\d+)\s+(\S+)\s+\S+\s+\S+\s+(.*)$/.exec(line);
    if (!match) continue;
    const [, mode, owner, size, rest] = match as unknown as [string, string, string, string, string];
    const hardlink = mode.startsWith("h");
    const [name, target = ""] = rest.split(hardlink ? " link to " : mode.startsWith("l") ? " -> " : "\0");
    const absolute = (path: string) => "/" + path.replace(/^\.?\/?/, "").replace(/\/$/, "");
    entries.set(absolute(name!), { mode, owner, size, target: hardlink ? absolute(target) : target, hardlink });
  }
  return entries;
}

Deno.test("the packages of the image are whole: dpkg finds nothing changed", async () => {
  const run = await silo(["shell", "--user", "root", "python", "-c", "dpkg --verify 2>&1 | grep -v ' c ' ; echo end"]);
  // What the build leaves out on purpose (documentation, translations) is listed as missing, nothing as changed.
  const changed = run.stdout.split("\n").filter((line) => /^\?\?5|^..5/.test(line));
  same(changed, [], run.stdout + run.stderr);
  match(run.stdout, /^end$/m);
});

Deno.test("the guest has a kernel of its own and the python that was asked for", async () => {
  const run = await python("import os,sys;print(os.uname().release);print(*sys.version_info[:2],sep='.')");
  const [kernel, version] = run.stdout.trim().split("\n");
  ok(kernel !== new TextDecoder().decode(new Deno.Command("uname", { args: ["-r"] }).outputSync().stdout).trim());
  match(version!, /^3\.\d+$/);
});

Deno.test("what a run writes outside its shares is gone with it, and the next one does not see it", async () => {
  const first = await silo([
    "shell",
    "--user",
    "root",
    "python",
    "-c",
    "echo spoiled > /etc/motd; echo x > /usr/bin/evil; cat /etc/motd",
  ]);
  eq(first.stdout, "spoiled\n", first.stderr);
  const second = await shell("cat /etc/motd 2>/dev/null; ls /usr/bin/evil 2>&1");
  ok(!second.stdout.includes("spoiled"));
  match(second.stdout, /No such file/);
});
