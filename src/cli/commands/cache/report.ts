/** `silo cache report` */
import { reportDisk } from "../../../disk/report.ts";
import type { Host } from "../../../host.ts";
import { alignedTable } from "../../table.ts";
import { print, printJson, size, under } from "./shown.ts";
import { columnsOf } from "../../terminal_width.ts";

export async function cacheReport(host: Host, options: { json?: boolean }): Promise<void> {
  const report = await reportDisk(host);
  if (options.json) return printJson(report);
  const rows = report.buckets.map(({ name, disk, apparent, note }) => [name, size(disk), size(apparent), note]);
  const total = ["total", size(report.total.disk), size(report.total.apparent), ""];
  print(alignedTable([[under(host), "ON DISK", "APPARENT", ""], ...rows, total], [1, 2], columnsOf(host, "stdout")));
  if (report.orphanBlobs) print(`\n${size(report.orphanBlobs)} of images nobody needs: silo cache gc --images\n`);
}
