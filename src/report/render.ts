/**
 * The page of a run: one file without anything from elsewhere, for a phone and for a desk. Every text in it may be the
 * sandbox's and is only text.
 *
 * @module
 */
import { list, row, seconds, size, text } from "./markup.ts";
import { PAGE_STYLE } from "./page_style.ts";
import type { RunReport } from "./report.ts";
import { network, networkFact } from "./render_network.ts";
import { time, timeStrip } from "./render_time.ts";

/** More rows of files are behind a click, and yet more are counted, not shown. */
const OPEN_ROWS = 40;
const MAX_ROWS = 2_000;

/** HTML, whole. */
export function renderReport(report: RunReport): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(`${report.tool} — silo`)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
${head(report)}
${planted(report)}
${files(report)}
${network(report.network)}
${time(report)}
${machine(report)}
<footer>Made by silo from outside the sandbox. It says what was seen there, not what was meant.</footer>
</main>
</body>
</html>
`;
}

function head(report: RunReport): string {
  const { tool, command, project, startedAt, end, isGood, wholeMs } = report;
  const { processorSeconds, memoryBytes } = report.machine;
  const facts: [string, string][] = [
    ["Time", seconds(wholeMs)],
    ...(processorSeconds === null ? [] : [["Processor time", seconds(1_000 * processorSeconds)] as [string, string]]),
    ...(memoryBytes === null ? [] : [["Memory", size(memoryBytes)] as [string, string]]),
    ["Files", project === null ? "none shared" : fileCounts(report)],
    ["Network", networkFact(report.network)],
    ["Started", startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC")],
  ];
  return `<header>
<p class="end ${isGood ? "good" : "bad"}">${text(end)}</p>
<h1>${text(tool)}</h1>
<pre class="command">${text(command)}</pre>
${project === null ? "<p>No project was shared.</p>" : `<p class="path">${text(project)}</p>`}
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${text(value)}</dd></div>`).join("")}</dl>
${timeStrip(report)}
</header>`;
}

function planted({ planted, project }: RunReport): string {
  if (planted.length === 0) return "";
  const rows = planted.map(({ how, path }) => row(how, relative(path, project), ""));
  return `<section class="warning" id="planted">
<h2>Look at these first</h2>
<p>Programs outside the sandbox may run these files on their own: git, editors, shells, agents.</p>
${list(rows)}
</section>`;
}

function files(report: RunReport): string {
  const { files, filesAreWhole, project } = report;
  const rows = files.slice(0, MAX_ROWS).map(({ how, path, bytes }) => row(how, path, size(bytes)));
  const hidden = rows.slice(OPEN_ROWS);
  const notes = [
    ...(files.length > MAX_ROWS ? [`${files.length - MAX_ROWS} more are not listed.`] : []),
    ...(filesAreWhole ? [] : ["The project has so many files that not all of them were looked at."]),
  ];
  const said = project === null
    ? "No project was shared."
    : files.length === 0
    ? "Nothing was changed."
    : `${fileCounts(report)}.`;
  const more = hidden.length === 0 ? "" : `<details><summary>${hidden.length} more</summary>${list(hidden)}</details>`;
  return `<section id="files">
<h2>Files of the project</h2>
<p>${[said, ...notes].join(" ")}</p>
${list(rows.slice(0, OPEN_ROWS))}${more}
</section>`;
}

function fileCounts({ files }: RunReport): string {
  const counts = (["created", "changed", "deleted"] as const)
    .map((how) => ({ how, count: files.filter((file) => file.how === how).length })).filter(({ count }) => count > 0);
  return counts.map(({ how, count }) => `${count} ${how}`).join(", ") || "unchanged";
}

function machine({ machine }: RunReport): string {
  const { cpus, memoryMiB, processorSeconds, memoryBytes, mounts } = machine;
  const used = [
    ...(processorSeconds === null ? [] : [`${processorSeconds.toFixed(1)} s of processor time`]),
    ...(memoryBytes === null ? [] : [`${size(memoryBytes)} of memory`]),
  ];
  const told = used.length === 0 ? "" : ` It had used ${used.join(" and had ")} when the program ended.`;
  const rows = mounts.map(({ guestPath, hostPath, readOnly }) =>
    row(readOnly ? "read-only" : "writable", guestPath, "", hostPath)
  );
  return `<section id="machine">
<h2>Machine</h2>
<p>${cpus} processor${cpus === 1 ? "" : "s"}, ${memoryMiB} MiB of memory at most.${told}</p>
${rows.length === 0 ? "<p>It saw no directory of this machine.</p>" : list(rows)}
</section>`;
}

function relative(path: string, project: string | null): string {
  return project !== null && path.startsWith(`${project}/`) ? path.slice(project.length + 1) : path;
}
