/** The template of the writable layer's size. */
import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import type { Machine } from "../../../src/machine/machine_file.ts";
import { withScratchOf } from "../../../src/machine/scratch_of_size.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

Deno.test("a size that is set has a template of its own, made once; without one nothing is made", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  Deno.mkdirSync(`${directory.path}/machine`);
  const mke2fs = `${directory.path}/mke2fs`;
  // Its last words are the file and the size.
  const script = `echo x >> "$0.asked"; while [ $# -gt 2 ]; do shift; done; truncate -s "$2" "$1"`;
  Deno.writeTextFileSync(mke2fs, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const linux = { qemu: ["/q"], mke2fs: [mke2fs], scratch: { template: "/usual", sizeMiB: 8192 } };
  const machine = { linux } as unknown as Machine;
  eq(await withScratchOf(undefined, machine, host), machine);
  eq(await withScratchOf(8192, machine, host), machine);
  eq(await withScratchOf(64, {} as Machine, host).then((it) => it.linux), undefined);
  for (let again = 0; again < 2; again++) {
    const { linux: other } = await withScratchOf(64, machine, host);
    same(other, { ...linux, scratch: { template: `${directory.path}/machine/scratch-64.ext4`, sizeMiB: 64 } });
    eq(Deno.statSync(other!.scratch.template).size, 64 * 1024 * 1024);
  }
  eq(Deno.readTextFileSync(`${mke2fs}.asked`), "x\n");
});
