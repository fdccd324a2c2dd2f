/** `silo cache list` */
import { projectKey, readProjects } from "../../../bakes/projects.ts";
import { measure } from "../../../cache/disk_usage.ts";
import { SHARED, toolCaches } from "../../../cache/tool_caches.ts";
import { diskEntries } from "../../../disk/entries.ts";
import type { Host } from "../../../host.ts";
import { alignedTable } from "../../table.ts";
import { ago, entryName, print, printJson, size, usersText } from "./shown.ts";
import { columnsOf } from "../../terminal_width.ts";

/** A directory alone; who has none in a cache need not be shown. */
const EMPTY_BYTES = 4096;

export async function cacheList(host: Host, options: { json?: boolean }): Promise<void> {
  const entries = await diskEntries(host);
  const projects = new Map<string, string>();
  for (const { path } of readProjects(host)) projects.set(await projectKey(path), path);
  const caches = await Promise.all((await toolCaches(host)).map(async ({ tool, owner, name, path }) => ({
    tool,
    name,
    project: owner === SHARED ? null : projects.get(owner) ?? "(unknown)",
    usage: await measure(path),
  })));
  if (options.json) return printJson({ entries, caches });
  if (entries.length + caches.length === 0) return print("Nothing is kept yet.\n");
  const now = host.now();
  const rows = entries.map((entry) => [
    entryName(entry),
    entry.forms,
    size(entry.usage.disk),
    ago(entry.usedAt, now),
    entry.kind === "snapshot" ? "" : usersText(entry.users),
  ]);
  const used = caches.filter(({ usage }) => usage.apparent > EMPTY_BYTES);
  const cacheRows = used.map(({ tool, name, project, usage }) => [
    `cache ${tool}/${name}`,
    "files",
    size(usage.disk),
    "",
    project === null ? "every project" : usersText([project]),
  ]);
  print(
    alignedTable(
      [["ENTRY", "FORM", "ON DISK", "LAST USED", "NEEDED BY"], ...rows, ...cacheRows],
      [2],
      columnsOf(host, "stdout"),
    ),
  );
}
