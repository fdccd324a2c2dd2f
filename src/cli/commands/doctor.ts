/** `silo doctor` */
import { type Finding, isHealthy, type Status } from "../../doctor/check.ts";
import { examine } from "../../doctor/examine.ts";
import { findProject } from "../../config/project.ts";
import { EXIT } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { VERSION } from "../../version.ts";
import { writeAll } from "../output.ts";
import { paint, type Style, wantsColour } from "../style.ts";
import { table } from "../table.ts";
import { note } from "../say.ts";
import { hanging } from "../break_line.ts";
import { columnsOf } from "../terminal_width.ts";

const MARKS: Record<Status, string> = { ok: "✓", note: "•", fail: "✗" };
const STYLES: Record<Status, Style> = { ok: "green", note: "yellow", fail: "red" };

export async function doctor(host: Host, options: { json?: boolean; bundle?: string }): Promise<number> {
  const findings = await examine(host);
  if (options.bundle !== undefined) await writeBundle(host, findings, options.bundle);
  const healthy = isHealthy(findings);
  if (options.json) {
    writeAll(Deno.stdout, `${JSON.stringify({ silo: VERSION, healthy, findings }, null, 2)}\n`);
  } else {
    writeAll(Deno.stdout, renderFindings(findings, wantsColour(host), columnsOf(host, "stdout")));
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
  note(host, `wrote ${file}: ${files.map(({ name }) => name).join(", ")}\n  Look through it before you send it.`);
}

/** The findings as a table, with how to mend each under it. */
export function renderFindings(findings: readonly Finding[], colour: boolean, columns = Infinity): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  return findings.map(({ name, status, detail, fix }) => {
    // What others said may be of several lines; here each finding is one, unless a terminal is too narrow for it.
    const said = detail.trim().replaceAll(/\s*\n\s*/g, "; ");
    // The name is padded by hand, so that each finding is a table of its own and stays beside its fix.
    const row = table([[MARKS[status], name.padEnd(width), said]], columns);
    const mark = colour ? paint(MARKS[status], STYLES[status]) : MARKS[status];
    const how = fix === undefined ? "" : `${hanging(`     → ${fix}`, columns, 2)}\n`;
    return `${mark}${row.slice(1)}${how}`;
  }).join("");
}
