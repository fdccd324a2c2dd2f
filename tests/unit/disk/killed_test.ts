import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { warmUp } from "../../../src/cache/cold_tier.ts";
import { RootfsCache } from "../../../src/cache/rootfs_cache.ts";
import { sweepEntries } from "../../../src/disk/evict.ts";
import { temporaryDirectory } from "../support.ts";

Deno.test("an entry is whole in one form or absent wherever making, compressing and evicting it are killed", async () => {
  using directory = temporaryDirectory();
  const cache = new RootfsCache(directory.path);
  const digest = `sha256:${"d".repeat(64)}`;
  const path = cache.path(digest);
  const worker = new URL("./killed_worker.ts", import.meta.url).pathname;
  for (let round = 0; round < 12; round++) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-all", "--cached-only", worker, directory.path],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read(); // it says when it begins, and goes on for ever
    await new Promise((resolve) => setTimeout(resolve, 11 * round)); // any moment will do
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    // What a run does: it is there, or taken out of the cold tier, or made anew.
    if (await cache.find(digest) === undefined) await warmUp(path);
    const found = await cache.find(digest);
    if (found !== undefined) {
      const content = Deno.readFileSync(path);
      strictEqual(content.length, 4 * 1024 * 1024);
      ok(content.every((byte) => byte === 7), `round ${round}`);
    }
    await sweepEntries(directory.path);
    const left = [...Deno.readDirSync(directory.path)].map(({ name }) => name).filter((name) => name.includes(".tmp-"));
    deepStrictEqual(left, []);
  }
});
