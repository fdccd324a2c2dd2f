/**
 * Checks of what lies on the disk: the silo home, the run directory, room, the machine's parts, installed tools.
 *
 * @module
 */
import { createRunDirectory, runBase, staleRunDirectories } from "../engine/run_directory.ts";
import { reasonOf } from "../errors.ts";
import type { Host } from "../host.ts";
import { type Machine, readMachine } from "../machine/machine_file.ts";
import { assertRootfs, readInstalled } from "../tools/installed.ts";
import { freeRoom, ROOM_FOR_IMAGE } from "../tools/room.ts";
import { ensureSiloHome } from "../tools/silo_home.ts";
import type { Finding } from "./check.ts";

export function checkSiloHome(host: Host): Finding {
  try {
    ensureSiloHome(host);
    const probe = Deno.makeTempFileSync({ dir: host.siloHome, prefix: ".doctor-" });
    Deno.removeSync(probe);
    return { name: "silo home", status: "ok", detail: `${host.siloHome}, writable` };
  } catch (error) {
    return {
      name: "silo home",
      status: "fail",
      detail: reasonOf(error),
      fix: "make it yours (chown, chmod), or set SILO_HOME to another directory",
    };
  }
}

export function checkRoom(host: Host): Finding {
  try {
    const free = freeRoom(host);
    const detail = `${(free / 1e9).toFixed(1)} GB free for the silo home`;
    if (free >= 2 * ROOM_FOR_IMAGE) return { name: "disk", status: "ok", detail };
    return { name: "disk", status: "note", detail, fix: "an image takes over 1 GB while it is built: make room" };
  } catch (error) {
    return { name: "disk", status: "note", detail: `cannot be told: ${reasonOf(error)}` };
  }
}

export async function checkRunDirectory(host: Host): Promise<Finding> {
  const base = runBase(host);
  try {
    await createRunDirectory(host).remove();
  } catch (error) {
    return {
      name: "run directory",
      status: "fail",
      detail: reasonOf(error),
      fix: "set XDG_RUNTIME_DIR to a directory of your own with mode 0700",
    };
  }
  const stale = await staleRunDirectories(base, host.now());
  const left = stale.length === 0 ? "" : `; ${stale.length} left by killed runs, removed now`;
  return { name: "run directory", status: "ok", detail: base + left };
}

/** The kernel and the disks that every machine starts from. */
export function checkMachine(host: Host): { finding: Finding; machine: Machine | undefined } {
  const machine = readMachine(host);
  if (machine !== undefined) {
    const finding: Finding = { name: "kernel", status: "ok", detail: `Linux ${machine.kernel.release}` };
    return { finding, machine };
  }
  const finding: Finding = {
    name: "kernel",
    status: "note",
    detail: "not prepared yet, or a part of it is missing or newer",
    fix: "silo install python   (or any other tool) prepares it",
  };
  return { finding, machine };
}

export function checkMke2fs({ linux }: Machine): Finding[] {
  return linux === undefined ? [] : [{ name: "mke2fs", status: "ok", detail: linux.mke2fs.at(-1)! }];
}

export function checkTools(host: Host): Finding[] {
  let tools;
  try {
    tools = [...readInstalled(host).values()];
  } catch (error) {
    return [{ name: "tools", status: "fail", detail: reasonOf(error), fix: "remove the file and install again" }];
  }
  if (tools.length === 0) {
    return [{ name: "tools", status: "note", detail: "none installed", fix: "silo install python" }];
  }
  return tools.map((tool): Finding => {
    try {
      assertRootfs(host, tool);
      return { name: tool.name, status: "ok", detail: `${tool.version}, from ${tool.source}` };
    } catch {
      return {
        name: tool.name,
        status: "fail",
        detail: "its root file system is missing or damaged",
        fix: `silo install ${tool.name}`,
      };
    }
  });
}
