/**
 * The page of a run: one file without anything from elsewhere, for a phone and for a desk. Every text in it may be the
 * sandbox's and is only text.
 *
 * @module
 */
import { printable } from "../errors.ts";
import { PAGE_STYLE } from "./page_style.ts";
import type { ReportedNetwork, RunReport } from "./report.ts";

/** More rows of files are counted, not shown. */
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
${report.network === null ? "" : network(report.network)}
${time(report)}
${machine(report)}
<footer>Made by silo from outside the sandbox. It says what was seen there, not what was meant.</footer>
</main>
</body>
</html>
`;
}

function head({ tool, command, project, startedAt, end, isGood, wholeMs, files }: RunReport): string {
  const facts: [string, string][] = [
    ["Time", seconds(wholeMs)],
    ["Files changed", String(files.length)],
    ["Started", startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC")],
  ];
  return `<header>
<p class="end ${isGood ? "good" : "bad"}">${text(end)}</p>
<h1>${text(tool)}</h1>
<pre class="command">${text(command)}</pre>
${project === null ? "<p>No project was shared.</p>" : `<p class="path">${text(project)}</p>`}
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${text(value)}</dd></div>`).join("")}</dl>
</header>`;
}

function planted({ planted, project }: RunReport): string {
  if (planted.length === 0) return "";
  const rows = planted.map(({ how, path }) => row(how, relative(path, project), ""));
  return `<section class="warning">
<h2>Look at these first</h2>
<p>Programs outside the sandbox may run these files on their own: git, editors, shells, agents.</p>
${list(rows)}
</section>`;
}

function files({ files, filesAreWhole, project }: RunReport): string {
  if (project === null) return "";
  const counts = (["created", "changed", "deleted"] as const)
    .map((how) => `${files.filter((file) => file.how === how).length} ${how}`).join(", ");
  const rows = files.slice(0, MAX_ROWS).map(({ how, path, bytes }) => row(how, path, size(bytes)));
  const notes = [
    ...(files.length > MAX_ROWS ? [`${files.length - MAX_ROWS} more are not listed.`] : []),
    ...(filesAreWhole ? [] : ["The project has so many files that not all of them were looked at."]),
  ];
  return `<section>
<h2>Files of the project</h2>
<p>${files.length === 0 ? "Nothing was changed." : `${counts}.`} ${notes.join(" ")}</p>
${list(rows)}
</section>`;
}

function network({ hosts, ports }: ReportedNetwork): string {
  const rows = hosts.map(({ host, port, allowed, count, reason }) =>
    row(allowed ? "allowed" : "denied", port === null ? host : `${host}:${port}`, `${count} ×`, reason)
  );
  return `<section>
<h2>Network</h2>
<p>${hosts.length === 0 ? "No host was asked for." : "Hosts that were asked for, and what the policy said."}</p>
${list(rows)}
${ports.length === 0 ? "" : `<p>Ports into the sandbox: ${text(ports.join(", "))}</p>`}
</section>`;
}

function time({ phases, wholeMs, attempts }: RunReport): string {
  const most = Math.max(1, wholeMs, ...phases.map(({ milliseconds }) => milliseconds));
  const rows = [...phases, { phase: "whole run", milliseconds: wholeMs }].map(({ phase, milliseconds }) =>
    `<tr><th scope="row">${text(phase)}</th><td class="bar"><span style="width:${
      (100 * milliseconds / most).toFixed(1)
    }%"></span></td><td class="number">${milliseconds.toFixed(1)} ms</td></tr>`
  );
  const again = attempts > 1 ? `<p>The machine had to be started ${attempts} times.</p>` : "";
  return `<section>
<h2>Time</h2>
${again}<table class="time">${rows.join("")}</table>
</section>`;
}

function machine({ machine }: RunReport): string {
  const { cpus, memoryMiB, processorSeconds, mounts } = machine;
  const used = processorSeconds === null ? "" : `, ${processorSeconds.toFixed(1)} s of processor time used`;
  const rows = mounts.map(({ guestPath, hostPath, readOnly }) =>
    row(readOnly ? "read-only" : "writable", guestPath, "", hostPath)
  );
  return `<section>
<h2>Machine</h2>
<p>${cpus} processor${cpus === 1 ? "" : "s"}, ${memoryMiB} MiB of memory at most${used}. Gone with the run.</p>
${list(rows)}
</section>`;
}

function list(rows: readonly string[]): string {
  return rows.length === 0 ? "" : `<ul class="list">${rows.join("")}</ul>`;
}

function row(tag: string, name: string, number: string, note = ""): string {
  return `<li><span class="tag ${tag.replace(/\W/g, "")}">${tag}</span><span class="name">${text(name)}${
    note === "" ? "" : `<small>${text(note)}</small>`
  }</span><span class="number">${text(number)}</span></li>`;
}

function relative(path: string, project: string | null): string {
  return project !== null && path.startsWith(`${project}/`) ? path.slice(project.length + 1) : path;
}

/** Text as text: no markup, no control characters. */
function text(value: string): string {
  return printable(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function seconds(milliseconds: number): string {
  return milliseconds < 10_000 ? `${(milliseconds / 1_000).toFixed(2)} s` : `${(milliseconds / 1_000).toFixed(0)} s`;
}

function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
