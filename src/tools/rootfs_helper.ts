/**
 * The helper as the maker of root file systems.
 *
 * @module
 */
import type { Progress } from "../debian/progress.ts";
import { HelperClient } from "../helper/client.ts";
import type { Host } from "../host.ts";
import type { CreateRootfs } from "../images/image_rootfs.ts";
import type { Machine } from "../machine/machine_file.ts";

/** Writing a root file system of some gigabytes on a slow disk stays under this, milliseconds. */
const CREATE_LIMIT_MS = 30 * 60_000;

/** Runs `action` with a helper that makes file systems; the helper is started when the first one is wanted. */
export async function withRootfsHelper<T>(
  host: Host,
  machine: Pick<Machine, "helper" | "linux">,
  progress: Progress,
  action: (create: CreateRootfs) => Promise<T>,
): Promise<T> {
  let client: HelperClient | undefined;
  try {
    return await action(async (request) => {
      client = new HelperClient(machine.helper, host, { progress: (params) => progress(params as never) });
      await client.initialize();
      const { linux } = machine;
      const params = { ...request, ...(linux === undefined ? {} : { linux: { mke2fs: [...linux.mke2fs] } }) };
      await client.request("rootfs/create", params, { doing: "make the root file system" }, CREATE_LIMIT_MS);
    });
  } finally {
    await client?.close();
  }
}
