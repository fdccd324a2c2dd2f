/**
 * silo's QEMU for a release.
 *
 * @module
 */
import type { Progress } from "../../src/debian/progress.ts";
import { hasOwnQemu, type OwnQemu } from "../../src/debian/toolbox/own_qemu.ts";
import { reasonOf } from "../../src/errors.ts";
import { realHost } from "../../src/host.ts";
import { ensureOwnQemu } from "../setup/qemu/own_qemu.ts";
import { ownTarget, type Target } from "./targets.ts";

/** The one that this checkout builds, or why there is none; neither where targets have none. */
export async function qemuForRelease(
  target: Target,
  progress: Progress,
): Promise<{ qemu?: OwnQemu | undefined; why?: string | undefined }> {
  if (!hasOwnQemu(target)) return {};
  const host = realHost();
  if (ownTarget(host).name !== target.name) return { why: `it is built on ${target.name} only` };
  try {
    return { qemu: await ensureOwnQemu(host, progress) };
  } catch (error) {
    return { why: reasonOf(error) };
  }
}
