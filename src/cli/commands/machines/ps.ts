/** `silo ps` */
import { runningRuns } from "../../../engine/run_file.ts";
import { printable } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import { writeAll } from "../../output.ts";
import { table } from "../../table.ts";
import { memoryOf } from "./memory.ts";
import { tilde } from "../../tilde.ts";

export async function ps(host: Host, options: { quiet?: boolean; json?: boolean }): Promise<void> {
  const runs = await runningRuns(host);
  if (options.quiet) return writeAll(Deno.stdout, runs.map(({ name }) => `${name}\n`).join(""));
  const all = runs.map(({ directory: _, ...run }) => ({
    ...run,
    seconds: Math.max(0, Math.round((host.now() - Date.parse(run.startedAt)) / 1000)),
    memory: memoryOf(run.pid) ?? null,
  }));
  if (options.json) return writeAll(Deno.stdout, `${JSON.stringify(all, null, 2)}\n`);
  if (all.length === 0) return writeAll(Deno.stdout, "No sandbox runs.\n");
  const rows = all.map(({ id, name, tool, seconds, memory, memoryMiB, project }) => [
    printable(name),
    id,
    tool,
    age(seconds),
    `${memory === null ? "?" : Math.round(memory / 2 ** 20)} of ${memoryMiB} MiB`,
    project === null ? "-" : tilde(host, project),
  ]);
  writeAll(Deno.stdout, fitted([["NAME", "ID", "TOOL", "AGE", "MEMORY", "PROJECT"], ...rows]));
}

/** As much of a time as tells: 45s, 12m, 3h 5m, 2d 4h. */
export function age(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** A table in 80 columns: of the last column its end is what tells. */
function fitted(rows: readonly (readonly string[])[]): string {
  const width = 80 -
    Math.max(...table(rows.map((row) => [...row.slice(0, -1), "|"])).split("\n").map((line) => line.length - 1));
  return table(rows.map((row) => {
    const last = row.at(-1)!;
    return [...row.slice(0, -1), last.length > width && width > 8 ? `…${last.slice(1 - width)}` : last];
  }));
}
