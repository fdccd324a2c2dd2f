/** Makes and removes one entry of a rootfs cache until it is killed: `endless_writer.ts DIRECTORY`. */
import { RootfsCache } from "../../../src/cache/rootfs_cache.ts";

const cache = new RootfsCache(Deno.args[0]!);
const digest = `sha256:${"0".repeat(64)}`;
console.log("begun");
for (;;) {
  await cache.ensure(digest, async (output) => {
    using file = await Deno.open(output, { createNew: true, write: true });
    for (let i = 0; i < 256; i++) await file.write(new TextEncoder().encode("x".repeat(4096)));
  });
  await cache.remove(digest);
}
