/** Makes an entry, compresses it, unpacks it and lets go of it until it is killed. */
import { RootfsCache } from "../../../src/cache/rootfs_cache.ts";
import { coolDown, warmUp } from "../../../src/cache/cold_tier.ts";
import { evict, sweepEntries } from "../../../src/disk/evict.ts";

const [directory = ""] = Deno.args;
const cache = new RootfsCache(directory);
const digest = `sha256:${"d".repeat(64)}`;
console.log("begins");
while (true) {
  const { path } = await cache.ensure(digest, async (output) => {
    await Deno.writeFile(output, new Uint8Array(4 * 1024 * 1024).fill(7));
  });
  await coolDown(path);
  await warmUp(path);
  await evict({ kind: "rootfs", path, forms: "raw" });
  await sweepEntries(directory);
}
