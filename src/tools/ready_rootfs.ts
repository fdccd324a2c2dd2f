/**
 * The root file system of an installed tool, made again where the cache let go of it.
 *
 * @module
 */
import { useFile } from "../cache/in_use.ts";
import { noteUse } from "../cache/last_use.ts";
import { type Progress, silent } from "../debian/progress.ts";
import { SiloError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { InstalledTool } from "./installed.ts";

/**
 * Makes sure that a tool's root file system is there. Two small reads if it is; else it is taken out of the cold tier,
 * or made anew of the image's layers.
 *
 * @throws {SiloError} if neither is possible.
 */
export async function readyRootfs(host: Host, tool: InstalledTool, progress: Progress = silent): Promise<void> {
  const path = `${host.siloHome}/${tool.rootfs}`;
  if (isWhole(path)) return;
  const { warmUp } = await import("../cache/cold_tier.ts");
  if (await warmUp(path, (done, total) => progress({ task: `get ${tool.name} ready`, phase: "unpack", done, total }))) {
    return;
  }
  if (tool.rootfs.startsWith("rootfs/")) {
    const { imageStoreOf } = await import("../images/debian_image.ts");
    const image = await imageStoreOf(host).read(tool.image as `sha256:${string}`, tool.source).catch(() => undefined);
    if (image !== undefined) {
      const [{ ensureRootfs }, { withRootfsHelper }, { readyMachine }] = await Promise.all([
        import("../images/image_rootfs.ts"),
        import("./rootfs_helper.ts"),
        import("./ready_machine.ts"),
      ]);
      const machine = await readyMachine(host);
      await withRootfsHelper(host, machine, progress, (create) => ensureRootfs(host, image, create, progress));
      if (isWhole(path)) return;
    }
  }
  throw new SiloError(`could not run ${tool.name}: its root file system is missing or damaged (${path})`, {
    hint: `Make it anew: silo install ${tool.name}`,
  });
}

/**
 * The same, and marks it as in use until the run is over: nobody removes it meanwhile.
 *
 * @throws {SiloError} as {@link readyRootfs}.
 */
export async function holdRootfs(host: Host, tool: InstalledTool, progress: Progress = silent): Promise<Disposable> {
  const path = `${host.siloHome}/${tool.rootfs}`;
  for (let attempt = 0;; attempt++) {
    await readyRootfs(host, tool, progress);
    const held = useFile(path);
    // It may have been removed between the two.
    if (isWhole(path) || attempt === 2) {
      noteUse(path, host.now());
      return held;
    }
    held[Symbol.dispose]();
  }
}

function isWhole(path: string): boolean {
  try {
    return Deno.statSync(path).size === JSON.parse(Deno.readTextFileSync(`${path}.json`)).size;
  } catch {
    return false; // one of the two is gone
  }
}
