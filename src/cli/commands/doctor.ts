/** `silo doctor` */
import { type Finding, isHealthy, type Status } from "../../doctor/check.ts";
import { examine } from "../../doctor/examine.ts";
import { findProject } from "../../config/project.ts";
import { EXIT, printable } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { VERSION } from "../../version.ts";
import { writeAll } from "../output.ts";
import { paint, type Style, wantsColour } from "../style.ts";
import { table } from "../table.ts";

const MARKS: Record<Status, string> = { ok: "✓", note: "•", fail: "✗" };
const STYLES: Record<Status, Style> = { ok: "green", note: "yellow", fail: "red" };

export async function doctor(host: Host, options: { json?: boolean; bundle?: string }): Promise<number> {
  const findings = await examine(host);
  if (options.bundle !== undefined) await writeBundle(host, findings, options.bundle);
  const healthy = isHealthy(findings);
  if (options.json) {
    writeAll(Deno.stdout, `${JSON.stringify({ silo: VERSION, healthy, findings }, null, 2)}\n`);
  } else {
    writeAll(Deno.stdout, renderFindings(findings, wantsColour(host)));
    const verdict = healthy
      ? "silo can run tools here."
      : "silo cannot run tools here until what is marked ✗ is mended.";
    writeAll(Deno.stdout, `\n${verdict}\nA terminal that was left in a strange state: stty sane, or reset.\n`);
  }
  return healthy ? EXIT.OK : EXIT.SILO;
}

async function writeBundle(host: Host, findings: readonly Finding[], file: string): Promise<void> {
  const { collectBundle, zipBundle } = await import("../../doctor/bundle.ts");
  const { reportPlace, writeReport } = await import("../../report/write_report.ts");
  const place = reportPlace(file, host.cwd());
  const { configPath } = findProject(host.cwd());
  const configs = [`${host.siloHome}/silo.toml`, ...configPath === undefined ? [] : [configPath]];
  const files = await collectBundle(host, findings, configs);
  await writeReport(place, zipBundle(files, host.now()));
  writeAll(
    Deno.stderr,
    printable(
      `silo: wrote ${file}: ${files.map(({ name }) => name).join(", ")}\n  Look through it before you send it.\n`,
    ),
  );
}

/** The findings as a table, with how to mend each under it. */
export function renderFindings(findings: readonly Finding[], colour: boolean): string {
  const rows = table(findings.map(({ name, status, detail }) => [MARKS[status], name, detail])).trimEnd().split("\n");
  return rows.map((row, i) => {
    const { status, fix } = findings[i]!;
    const mark = colour ? paint(MARKS[status], STYLES[status]) : MARKS[status];
    return `${mark}${row.slice(1)}\n${fix === undefined ? "" : `     → ${fix}\n`}`;
  }).join("");
}
