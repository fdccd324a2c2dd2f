/** Whole or absent, also when whoever writes is killed. */
import { deepStrictEqual as same, rejects, strictEqual as eq } from "node:assert/strict";
import { ensureDirectory, withLock, writeFileAtomic } from "../../../src/cache/atomic.ts";
import { RootfsCache } from "../../../src/cache/rootfs_cache.ts";
import { temporary } from "../images/entries.ts";

const WRITER = new URL("./endless_writer.ts", import.meta.url).pathname;
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const names = (path: string) => [...Deno.readDirSync(path)].map((entry) => entry.name).sort();

Deno.test("a lock is held by one at a time", async () => {
  using folder = temporary();
  let inside = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 8 }, () =>
    withLock(`${folder.path}/lock`, async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inside--;
    })));
  eq(most, 1);
});

Deno.test("a file is replaced whole, and a failure leaves the old one and nothing else", async () => {
  using folder = temporary();
  const path = `${folder.path}/file`;
  await writeFileAtomic(path, "one");
  await writeFileAtomic(path, "two");
  eq(Deno.readTextFileSync(path), "two");
  Deno.mkdirSync(`${folder.path}/directory`);
  await rejects(writeFileAtomic(`${folder.path}/directory`, "x"));
  same(names(folder.path), ["directory", "file"]);
});

Deno.test("a directory is built once by many, and not at all if the build fails", async () => {
  using folder = temporary();
  const path = `${folder.path}/made`;
  let builds = 0;
  const whole = (p: string) => Deno.stat(`${p}/done`).then(() => true, () => false);
  const build = async (p: string) => {
    builds++;
    await Deno.writeTextFile(`${p}/done`, "");
  };
  await rejects(ensureDirectory(path, whole, () => Promise.reject(new Error("no"))), /no/);
  same(names(folder.path), ["made.lock"]);
  await Promise.all(Array.from({ length: 5 }, () => ensureDirectory(path, whole, build)));
  eq(builds, 1);
  same(names(path), ["done"]);
});

Deno.test("a root file system is built once, and anew when it is damaged", async () => {
  using folder = temporary();
  const cache = new RootfsCache(folder.path);
  let builds = 0;
  const build = async (output: string) => {
    builds++;
    await Deno.writeTextFile(output, "content");
  };
  eq(await cache.find(digest("a")), undefined);
  const entries = await Promise.all([1, 2, 3].map(() => cache.ensure(digest("a"), build)));
  eq(builds, 1);
  eq(entries[0]!.size, 7);
  same((await cache.disks()).map((disk) => disk.digest), [digest("a")]);
  Deno.removeSync(entries[0]!.path);
  Deno.writeTextFileSync(entries[0]!.path, "cont"); // truncated
  eq(await cache.find(digest("a")), undefined);
  await cache.ensure(digest("a"), build);
  eq(builds, 2);
  Deno.removeSync(`${entries[0]!.path}.json`);
  eq(await cache.find(digest("a")), undefined);
  await cache.remove(digest("a"));
  same(await cache.disks(), []);
});

Deno.test("killing the builder at any moment leaves a whole entry or none, and the next one succeeds", async () => {
  using folder = temporary();
  const cache = new RootfsCache(folder.path);
  for (let round = 0; round < 6; round++) {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--allow-all",
        "--config",
        new URL("../../../deno.json", import.meta.url).pathname,
        WRITER,
        folder.path,
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read(); // it has begun
    await new Promise((resolve) => setTimeout(resolve, round * 7));
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    for (const { digest: name } of await cache.disks()) {
      const entry = await cache.find(name);
      if (entry !== undefined) eq(Deno.readTextFileSync(entry.path), "x".repeat(1 << 20));
    }
    await cache.ensure(digest("0"), (output) => Deno.writeTextFile(output, "x".repeat(1 << 20)));
    same(names(folder.path).filter((name) => name.startsWith(`.${"0".repeat(64)}`)), []);
    await cache.remove(digest("0"));
  }
});
