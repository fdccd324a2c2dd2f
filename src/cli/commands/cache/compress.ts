/** `silo cache compress` */
import { COLD_AFTER_MS } from "../../../cache/policy.ts";
import { coldPath, coolDown } from "../../../cache/cold_tier.ts";
import { measure } from "../../../cache/disk_usage.ts";
import { sweepAll } from "../../../disk/collect.ts";
import { diskEntries } from "../../../disk/entries.ts";
import type { Host } from "../../../host.ts";
import { ProgressLine } from "../../progress_line.ts";
import { entryName, print, printJson, size } from "./shown.ts";

export async function cacheCompress(
  host: Host,
  options: { all?: boolean; dryRun?: boolean; json?: boolean },
): Promise<void> {
  const isCold = (usedAt: number) => options.all || host.now() - usedAt > COLD_AFTER_MS;
  const cold = (await diskEntries(host))
    .filter(({ kind, forms, usedAt }) => kind !== "snapshot" && forms !== "zstd" && isCold(usedAt));
  const results = [];
  const line = new ProgressLine(host);
  if (!options.dryRun) await sweepAll(host);
  for (const entry of cold) {
    const name = entryName(entry);
    if (options.dryRun) {
      if (!options.json) print(`Would compress ${name}, ${size(entry.usage.disk)}\n`);
      results.push({ key: entry.key, before: entry.usage.disk, after: null });
      continue;
    }
    let done: boolean;
    try {
      done = await coolDown(entry.path, (done, total) => {
        line.show({ task: `compress ${name}`, phase: "read", done, total });
      });
    } finally {
      line.clear();
    }
    const after = done ? (await measure(coldPath(entry.path))).disk : null;
    results.push({ key: entry.key, before: entry.usage.disk, after });
    if (options.json) continue;
    print(
      after === null
        ? `In use, left as it is: ${name}\n`
        : `Compressed ${name}: ${size(entry.usage.disk)} to ${size(after)}\n`,
    );
  }
  if (options.json) printJson({ dryRun: options.dryRun ?? false, entries: results });
  else if (cold.length === 0) print("There is nothing to compress.\n");
}
