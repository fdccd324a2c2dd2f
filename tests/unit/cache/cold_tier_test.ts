import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { coldPath, coolDown, warmUp } from "../../../src/cache/cold_tier.ts";
import { useFile } from "../../../src/cache/in_use.ts";
import { temporaryDirectory } from "../support.ts";

const MEBIBYTE = 1024 * 1024;

/** A sparse file with something at its beginning, in its middle and at its end, as RootfsCache leaves one. */
function makeEntry(directory: string): { path: string; content: () => Uint8Array } {
  const path = `${directory}/${"a".repeat(64)}.ext4`;
  const size = 64 * MEBIBYTE + 1234;
  using file = Deno.openSync(path, { createNew: true, write: true });
  file.truncateSync(size);
  for (const at of [0, 31 * MEBIBYTE + 7, size - 10]) {
    file.seekSync(at, Deno.SeekMode.Start);
    file.writeSync(new TextEncoder().encode("silo data!"));
  }
  Deno.writeTextFileSync(`${path}.json`, JSON.stringify({ size }));
  return { path, content: () => Deno.readFileSync(path) };
}

const isThere = (path: string) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
};

Deno.test("what was compressed comes back as it was, with its holes", async () => {
  using directory = temporaryDirectory();
  const { path, content } = makeEntry(directory.path);
  const before = content();
  ok(await coolDown(path));
  ok(!isThere(path) && Deno.statSync(coldPath(path)).size < MEBIBYTE);
  ok(await warmUp(path));
  ok(!isThere(coldPath(path)));
  ok(Deno.statSync(path).blocks! * 512 < MEBIBYTE, "the holes are holes again");
  strictEqual((Deno.statSync(path).mode! & 0o777).toString(8), "444");
  deepStrictEqual(content(), before);
});

Deno.test("an entry that a run has is not compressed", async () => {
  using directory = temporaryDirectory();
  const { path } = makeEntry(directory.path);
  {
    using _use = useFile(path);
    ok(!await coolDown(path));
    ok(isThere(path) && !isThere(coldPath(path)));
  }
  ok(await coolDown(path));
});

Deno.test("a damaged compressed entry is refused and removed, and leaves nothing half-made", async () => {
  using directory = temporaryDirectory();
  const { path } = makeEntry(directory.path);
  ok(await coolDown(path));
  const cold = Deno.readFileSync(coldPath(path));
  Deno.chmodSync(coldPath(path), 0o644);
  cold[cold.length >> 1]! ^= 0xff;
  Deno.writeFileSync(coldPath(path), cold);
  await rejects(warmUp(path), /could not unpack/);
  deepStrictEqual([isThere(path), isThere(coldPath(path))], [false, false]);
  deepStrictEqual([...Deno.readDirSync(directory.path)].filter(({ name }) => name.includes(".tmp-")), []);
});

Deno.test("one of both forms is whole wherever compressing and unpacking are killed", async () => {
  using directory = temporaryDirectory();
  const { path, content } = makeEntry(directory.path);
  const before = content();
  const worker = new URL("./cold_tier_worker.ts", import.meta.url).pathname;
  for (let round = 0; round < 8; round++) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-all", "--cached-only", worker, path],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read(); // it says when it begins, and goes on for ever
    await new Promise((resolve) => setTimeout(resolve, 15 * round)); // any moment will do
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    // What a run does: the plain form is there with its size, or it is taken out of the cold tier.
    const isWhole = isThere(path) && Deno.statSync(path).size === before.length;
    ok(isWhole || await warmUp(path), `round ${round}`);
    deepStrictEqual(content(), before);
  }
});
