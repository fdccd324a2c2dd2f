/** `silo projects ls` */
import { projectStates } from "../../../disk/project_state.ts";
import type { Host } from "../../../host.ts";
import { alignedTable } from "../../table.ts";
import { ago, print, printJson, size } from "../cache/shown.ts";
import { columnsOf } from "../../terminal_width.ts";
import { tilde } from "../../tilde.ts";

export async function projectsLs(host: Host, options: { json?: boolean }): Promise<void> {
  const states = await projectStates(host);
  if (options.json) return printJson(states);
  if (states.length === 0) return print("No project has anything in the silo home.\n");
  const rows = states.map(({ path, tools, caches, builds, usedAt, isOrphaned }) => [
    tools.join(", "),
    size(builds.reduce((sum, { usage }) => sum + usage.disk, 0)),
    size(caches.disk),
    ago(usedAt, host.now()),
    tilde(host, path) + (isOrphaned ? " (gone)" : ""),
  ]);
  print(
    alignedTable([["TOOLS", "BUILDS", "CACHES", "LAST USED", "PROJECT"], ...rows], [1, 2], columnsOf(host, "stdout")),
  );
  if (states.some(({ isOrphaned }) => isOrphaned)) {
    print("\n`silo clean --orphaned` frees what is kept for those gone.\n");
  }
}
