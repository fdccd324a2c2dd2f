/**
 * What a machine on a Mac needs beside silo's own programs.
 *
 * @module
 */
import { loadConfig } from "../../config/load.ts";
import type { Progress } from "../../debian/progress.ts";
import type { Host } from "../../host.ts";
import { withRootfsHelper } from "../../tools/rootfs_helper.ts";
import type { Machine } from "../machine_file.ts";
import { ensureInit } from "./init_image.ts";
import { ensureKataKernel } from "./kata_kernel.ts";
import { APPLE_SOURCES, type AppleSources } from "./sources.ts";

/**
 * Gets what is not there. Call it under the machine's lock.
 *
 * @throws {SiloError} if something cannot be fetched, or is not what its sum stands for.
 */
export async function appleParts(
  host: Host,
  helper: string,
  progress: Progress,
  sources: AppleSources = APPLE_SOURCES,
): Promise<Pick<Machine, "kernel" | "initrd">> {
  const settings = sources.registries ??
    (await loadConfig(host, `${host.siloHome}/silo.toml`, "user"))?.config.registries;
  // What may have to be asked of the person comes before what takes minutes.
  const initrd = sources.create !== undefined
    ? await ensureInit(host, sources.init, sources.create, progress, { settings })
    : await withRootfsHelper(
      host,
      { helper },
      progress,
      (create) => ensureInit(host, sources.init, create, progress, { settings }),
    );
  const path = await ensureKataKernel(host, sources.kernel, progress);
  return { kernel: { path, release: sources.kernel.release }, initrd };
}
