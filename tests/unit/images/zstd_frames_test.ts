import { deepEqual, equal, rejects } from "node:assert/strict";
import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { concatenate } from "../../../src/concatenate.ts";
import { readLayer } from "../../../src/images/layer_stream.ts";
import { alignFrames } from "../../../src/images/zstd_frames.ts";
import { chunked, temporary } from "./entries.ts";

const SKIPPED = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5);

async function read(path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of readLayer(path)) parts.push(chunk.slice());
  return concatenate(parts);
}

Deno.test("alignFrames() keeps every byte of data frames, and no chunk reaches over the end of one", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.uint8Array({ maxLength: 3000 }), { nil: null }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 400 }),
      async (contents, size) => {
        const frames = contents.map((data) => data === null ? SKIPPED : new Uint8Array(zstdCompressSync(data)));
        const ends = new Set<number>();
        const data = frames.filter((frame) => frame !== SKIPPED);
        data.reduce((sum, frame) => (ends.add(sum + frame.length), sum + frame.length), 0);
        const out: Uint8Array[] = [];
        let at = 0;
        for await (const piece of alignFrames(chunked(concatenate(frames), size))) {
          out.push(piece.slice());
          for (let inside = at + 1; inside < at + piece.length; inside++) equal(ends.has(inside), false);
          at += piece.length;
        }
        deepEqual(concatenate(out), concatenate(data));
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("a layer of many frames is read to its end, wherever it is cut into chunks", async () => {
  using directory = temporary();
  const path = `${directory.path}/layer`;
  const contents = [1, 70_000, 0, 3_000_000, 5].map((length, at) => new Uint8Array(length).fill(at + 65));
  const frames = contents.flatMap((data) => [new Uint8Array(zstdCompressSync(data)), SKIPPED]);
  await Deno.writeFile(path, concatenate([SKIPPED, ...frames]));
  deepEqual(await read(path), concatenate(contents));
});

Deno.test("a zstd layer that is cut off or damaged is refused", async () => {
  using directory = temporary();
  const path = `${directory.path}/layer`;
  const whole = new Uint8Array(zstdCompressSync(new TextEncoder().encode("0123456789".repeat(500) + Math.PI)));
  for (let length = 4; length < whole.length; length++) {
    await Deno.writeFile(path, whole.subarray(0, length));
    await rejects(read(path), { name: "TarError" }, `${length}`);
  }
  await Deno.writeFile(path, concatenate([whole, Uint8Array.of(1, 2, 3, 4)]));
  await rejects(read(path), { name: "TarError" });
});
