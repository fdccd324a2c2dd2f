/** Sparse files in archives: as GNU tar writes them, and as those write them who mean harm. */
import { deepStrictEqual as same, match, ok, rejects, strictEqual as eq } from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { ByteReader } from "../../../src/images/byte_reader.ts";
import { flattenLayers } from "../../../src/images/flatten_layers.ts";
import { checkedMap, fileData } from "../../../src/images/sparse.ts";
import { readTar } from "../../../src/images/tar_reader.ts";
import { chunked, temporary } from "./entries.ts";

const FORMS = [
  ["gnu", ["--format=gnu"]],
  ["pax 0.0", ["--format=posix", "--sparse-version=0.0"]],
  ["pax 0.1", ["--format=posix", "--sparse-version=0.1"]],
  ["pax 1.0", ["--format=posix", "--sparse-version=1.0"]],
] as const;

/** Files whose data stands at these places, each run one block of its own letter. */
const FILES: Readonly<Record<string, { size: number; runs: readonly number[] }>> = {
  "all-hole": { size: 3_000_000, runs: [] },
  "ends-in-data": { size: 1_000_000 + 4096, runs: [0, 1_000_000] },
  "ends-in-a-hole": { size: 2_500_001, runs: [8192] },
  "many-runs": { size: 80 * 65_536, runs: Array.from({ length: 80 }, (_, i) => i * 65_536) },
  [`${"n".repeat(120)}/${"long".repeat(30)}`]: { size: 500_000, runs: [65_536] },
};

function makeFiles(folder: string): void {
  for (const [name, { size, runs }] of Object.entries(FILES)) {
    Deno.mkdirSync(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    using file = Deno.openSync(`${folder}/${name}`, { create: true, write: true });
    for (const at of runs) {
      file.seekSync(at, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array(4096).fill(0x41 + at % 23));
    }
    file.truncateSync(size);
  }
}

function tar(folder: string, options: readonly string[]): Uint8Array {
  const args = ["-cf", "-", "--sparse", ...options, "-C", folder, "."];
  const { success, stdout, stderr } = new Deno.Command("tar", { args }).outputSync();
  ok(success, new TextDecoder().decode(stderr));
  return stdout;
}

const digest = (path: string) => createHash("sha256").update(Deno.readFileSync(path)).digest("hex");

for (const [form, options] of FORMS) {
  Deno.test(`sparse files of the form ${form} are read as the files they were`, async () => {
    using folder = temporary();
    makeFiles(`${folder.path}`);
    const bytes = tar(folder.path, options);
    ok(bytes.length < 2_000_000, "the holes are not stored");
    const reader = new ByteReader(chunked(bytes, 1777));
    const seen: Record<string, string> = {};
    for await (const entry of readTar(reader)) {
      if (entry.kind !== "file") continue;
      const hash = createHash("sha256");
      let size = 0;
      for await (const chunk of fileData(reader, entry)) {
        hash.update(chunk);
        size += chunk.length;
      }
      eq(size, entry.size);
      seen[entry.path] = hash.digest("hex");
    }
    same(seen, Object.fromEntries(Object.keys(FILES).map((name) => [name, digest(`${folder.path}/${name}`)])));
  });
}

Deno.test("layers with sparse files flatten to whole files, in one pass and in two, and the archive has holes", async () => {
  using folder = temporary();
  Deno.mkdirSync(`${folder.path}/source`);
  makeFiles(`${folder.path}/source`);
  Deno.writeFileSync(`${folder.path}/layer`, tar(`${folder.path}/source`, FORMS[3][1]));
  for (const count of [1, 2]) {
    const flat = `${folder.path}/flat${count}`;
    await flattenLayers(Array.from({ length: count }, () => `${folder.path}/layer`), flat);
    const { size, blocks } = Deno.statSync(flat);
    ok(blocks! * 512 < size / 2, `${blocks} blocks for ${size} bytes`);
    const target = `${folder.path}/target${count}`;
    Deno.mkdirSync(target);
    eq(new Deno.Command("tar", { args: ["-xf", flat, "-C", target] }).outputSync().code, 0);
    for (const name of Object.keys(FILES)) eq(digest(`${target}/${name}`), digest(`${folder.path}/source/${name}`));
  }
});

Deno.test("a hole of a terabyte ends at the bound, whatever little is stored", async () => {
  using folder = temporary();
  Deno.mkdirSync(`${folder.path}/source`);
  using file = Deno.openSync(`${folder.path}/source/bomb`, { create: true, write: true });
  file.truncateSync(1024 ** 4);
  Deno.writeFileSync(`${folder.path}/layer`, tar(`${folder.path}/source`, FORMS[0][1]));
  await rejects(
    flattenLayers([`${folder.path}/layer`], `${folder.path}/flat`),
    /layer 1 of 1: the image unpacks to more than \d+ bytes/,
  );
  ok(Deno.statSync(`${folder.path}/flat`).size < 1024 ** 2);
});

Deno.test("maps that overlap, go backwards, leave the file or differ from the data are refused", () => {
  const segment = ([offset, length]: readonly [number, number]) => ({ offset, length });
  for (
    const [segments, size, stored] of [
      [[[0, 10], [5, 10]], 100, 20],
      [[[50, 10], [0, 10]], 100, 20],
      [[[95, 10]], 100, 10],
      [[[0, 10]], 100, 11],
      [[[0, -1]], 100, -1],
      [[[-5, 5]], 100, 5],
      [[[2 ** 60, 1]], 2 ** 61, 1],
      [[[NaN, 1]], 100, 1],
    ] as const
  ) {
    try {
      checkedMap(segments.map(segment), size, stored);
    } catch (error) {
      match((error as Error).message, /sparse file/);
      continue;
    }
    ok(false, JSON.stringify(segments));
  }
});

Deno.test("mutated archives of sparse files are read, or refused as any damaged one", async () => {
  using folder = temporary();
  Deno.mkdirSync(`${folder.path}/source`);
  makeFiles(`${folder.path}/source`);
  const archives = FORMS.map(([, options]) => tar(`${folder.path}/source`, options));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...archives),
      fc.array(fc.tuple(fc.nat(20_000), fc.constantFrom(..."0123456789,=\n\0\xff")), { minLength: 1, maxLength: 4 }),
      async (original, changes) => {
        const bytes = original.slice(0, 40_000);
        for (const [at, character] of changes) bytes[at] = character.charCodeAt(0);
        Deno.writeFileSync(`${folder.path}/layer`, bytes);
        try {
          await flattenLayers([`${folder.path}/layer`], `${folder.path}/flat`, { maxBytes: 1 << 24 });
        } catch (error) {
          eq((error as Error).name, "SiloError", (error as Error).stack);
        } finally {
          Deno.removeSync(`${folder.path}/flat`);
        }
      },
    ),
    { numRuns: 300 },
  );
});
