/** What the cases in the guest say, what is known to fail, and the page that tells both. */
import { fileURLToPath } from "node:url";

export interface CaseResult {
  area: string;
  name: string;
  ok: boolean;
  /** What was wrong; empty when nothing was. */
  detail: string;
  ms: number;
}

/** Cases that do not hold on the share for one reason. `cases` are "area: name". */
export interface KnownFailure {
  reason: string;
  cases: string[];
}

export const KNOWN_FILE = fileURLToPath(new URL("known_failures.json", import.meta.url));
export const DOCS_FILE = fileURLToPath(new URL("../../../docs/share-semantics.md", import.meta.url));
const BEGIN = "<!-- results: begin, written by tests/e2e/share_test.ts with SILO_UPDATE_DOCS=1 -->";
const END = "<!-- results: end -->";

export const keyOf = (result: CaseResult) => `${result.area}: ${result.name}`;

/** Reads the driver's output: a JSON line a case, then the summary. Throws when the run did not come to its end. */
export function parseResults(stdout: string): CaseResult[] {
  const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const summary = lines.pop();
  const results = lines as CaseResult[];
  if (summary?.cases !== results.length) {
    throw new Error(`cases were lost: ${JSON.stringify(summary)}, ${results.length} lines`);
  }
  return results;
}

export function readKnown(): KnownFailure[] {
  return JSON.parse(Deno.readTextFileSync(KNOWN_FILE));
}

/** What differs from what is known, in words; empty when all is as it was. */
export function compare(results: CaseResult[], known: KnownFailure[]): string[] {
  const expected = new Set(known.flatMap((k) => k.cases));
  const failed = results.filter((r) => !r.ok);
  const tried = new Set(results.map(keyOf));
  return [
    ...failed.filter((r) => !expected.has(keyOf(r))).map((r) => `fails now: ${keyOf(r)} (${r.detail})`),
    ...results.filter((r) => r.ok && expected.has(keyOf(r))).map((r) => `holds now, take it off the list: ${keyOf(r)}`),
    ...[...expected].filter((key) => !tried.has(key)).map((key) => `is on the list, but there is no such case: ${key}`),
  ];
}

/** The generated part of the page: a table of areas, and what does not hold and why. */
export function renderResults(results: CaseResult[], known: KnownFailure[]): string {
  const areas = [...new Set(results.map((r) => r.area))];
  const count = (area: string, ok: boolean) => results.filter((r) => r.area === area && r.ok === ok).length;
  const rows = areas.map((
    area,
  ) => [area, `${count(area, true) + count(area, false)}`, `${count(area, true)}`, `${count(area, false)}`]);
  const held = results.filter((r) => r.ok).length;
  rows.push(["all", `${results.length}`, `${held}`, `${results.length - held}`]);
  const missing = known.filter((k) => k.cases.length > 0).flatMap((
    k,
  ) => [`### ${k.reason}`, "", ...k.cases.map((c) => `- ${c}`), ""]);
  return [table(["area", "cases", "hold", "do not"], rows), "", "## What does not hold, and why", "", ...missing].join(
    "\n",
  ).trimEnd();
}

/** The page's generated part as it stands in the file. */
export function documented(): string {
  const page = Deno.readTextFileSync(DOCS_FILE);
  return page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)).trim();
}

export function writeDocumented(text: string): void {
  const page = Deno.readTextFileSync(DOCS_FILE);
  const head = page.slice(0, page.indexOf(BEGIN) + BEGIN.length);
  Deno.writeTextFileSync(DOCS_FILE, `${head}\n\n${text}\n\n${page.slice(page.indexOf(END))}`);
}

/** A Markdown table as `deno fmt` leaves it. */
function table(head: string[], rows: string[][]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length), 3));
  const line = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join("\n");
}
