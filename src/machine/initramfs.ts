/**
 * The guest's initial root file system: the agent as /init, and the modules it loads.
 *
 * @module
 */
import { createHash } from "node:crypto";
import {
  fileSize,
  publish,
  removeIfThere,
  sweepLeftovers,
  temporaryBeside,
  withLock,
  writeAll,
} from "../cache/atomic.ts";
import { cpioArchive, type CpioEntry } from "./cpio.ts";
import type { Kernel } from "./kernel.ts";

/** Goes up when the archive's layout changes. */
const REVISION = 1;
const DIRECTORIES = ["dev", "proc", "sys", "lib", "lib/modules", "lib/modules/silo"];

/**
 * Makes the archive for an agent and a kernel unless it is there.
 *
 * @param directory Where archives are kept, one `initrd-KEY` each.
 * @param agent The statically linked guest agent.
 * @returns The archive's path. Its name holds the content key, so it never changes under a running machine.
 */
export async function ensureInitramfs(directory: string, agent: string, kernel: Kernel): Promise<string> {
  const init = await Deno.readFile(agent);
  const digest = createHash("sha256").update(init).digest("hex");
  const inputs = JSON.stringify([REVISION, digest, kernel.release, kernel.source.sha256, kernel.modules]);
  const key = createHash("sha256").update(inputs).digest("hex").slice(0, 16);
  const path = `${directory}/initrd-${key}`;
  if (await fileSize(path) !== undefined) return path;
  await withLock(`${path}.lock`, async () => {
    if (await fileSize(path) !== undefined) return;
    await sweepLeftovers(path);
    const temporary = temporaryBeside(path);
    try {
      {
        using file = await Deno.open(temporary, { createNew: true, write: true, mode: 0o644 });
        for (const part of cpioArchive(await contents(init, kernel))) await writeAll(file, part);
        await file.sync();
      }
      await publish(temporary, path);
    } catch (error) {
      await removeIfThere(temporary);
      throw error;
    }
  });
  return path;
}

async function contents(init: Uint8Array, kernel: Kernel): Promise<CpioEntry[]> {
  const order = kernel.modules.map((name) => `${name}.ko\n`).join("");
  const modules = await Promise.all(kernel.modules.map(async (name): Promise<CpioEntry> => ({
    path: `lib/modules/silo/${name}.ko`,
    kind: "file",
    mode: 0o644,
    data: await Deno.readFile(`${kernel.modulesDirectory}/${name}.ko`),
  })));
  return [
    ...DIRECTORIES.map((path): CpioEntry => ({ path, kind: "directory", mode: 0o755 })),
    { path: "init", kind: "file", mode: 0o755, data: init },
    { path: "lib/modules/silo/order", kind: "file", mode: 0o644, data: new TextEncoder().encode(order) },
    ...modules,
  ];
}
