import { deepStrictEqual as same, doesNotMatch, match, ok, rejects, throws } from "node:assert/strict";
import { compareTrees, readTree } from "../../../src/engine/file_changes.ts";
import { renderReport } from "../../../src/report/render.ts";
import type { RunReport } from "../../../src/report/report.ts";
import { reportPlace, writeReport } from "../../../src/report/write_report.ts";
import { temporaryDirectory } from "../support.ts";

const report: RunReport = {
  tool: "python",
  command: "python3 app.py",
  project: "/home/me/app",
  startedAt: "2026-01-02T03:04:05.678Z",
  end: "exit code 0",
  isGood: true,
  phases: [{ phase: "boot", milliseconds: 400 }],
  wholeMs: 1_234,
  attempts: 1,
  files: [{ path: "a/b.txt", how: "created", bytes: 1_500 }, { path: "c", how: "deleted", bytes: 0 }],
  filesAreWhole: true,
  planted: [{ path: "/home/me/app/.git/hooks/pre-commit", how: "created" }],
  machine: { cpus: 2, memoryMiB: 2048, processorSeconds: 1.5, memoryBytes: 150e6, mounts: [] },
  network: null,
};

Deno.test("the page says what happened, and needs nothing from elsewhere", () => {
  const html = renderReport(report);
  for (const part of ["exit code 0", "python3 app.py", "1 created, 1 deleted", "1.5 kB", "1.23 s"]) {
    ok(html.includes(part), part);
  }
  match(html, /Look at these first[\s\S]*>\.git\/hooks\/pre-commit</);
  doesNotMatch(html, /https?:|src=|<script|url\(|@import/);
  match(html, /<h2>Network<\/h2>\s*<p>There was none/);
  match(renderReport({ ...report, network: { hosts: [], ports: ["5173"] } }), /No host was asked for[\s\S]*5173/);
});

Deno.test("what was refused comes first, and of many files the most are behind a click", () => {
  const asked = (host: string, allowed: boolean) => ({ host, port: 443, allowed, count: 2, reason: "" });
  const files = Array.from({ length: 50 }, (_, i) => ({ path: `f${i}`, how: "created" as const, bytes: 1 }));
  const network = { hosts: [asked("good.example", true), asked("bad.example", false)], ports: [] };
  const html = renderReport({ ...report, files, network });
  match(html, /1 allowed, 1 denied[\s\S]*bad\.example:443[\s\S]*good\.example:443/);
  match(html, /f39<[\s\S]*<details><summary>10 more<[\s\S]*f40<[\s\S]*f49<[\s\S]*<\/details>/);
});

Deno.test("whatever the sandbox calls its files, it is text", () => {
  const evil = `<script>alert(1)</script>"'&\x1b[2J`;
  const network = { hosts: [{ host: evil, port: 1, allowed: false, count: 1, reason: evil }], ports: [evil] };
  const html = renderReport({
    ...report,
    tool: evil,
    command: evil,
    end: evil,
    files: [{ path: evil, how: "created", bytes: 1 }],
    planted: [{ path: evil, how: "created" }],
    network,
  });
  doesNotMatch(html, /<script|\p{Cc}\[2J|alert\(1\)</u);
});

Deno.test("changes are what differs between two looks, and no link is followed", () => {
  using directory = temporaryDirectory();
  const at = directory.path;
  Deno.mkdirSync(`${at}/d`);
  for (const name of ["same", "d/changed", "gone"]) Deno.writeTextFileSync(`${at}/${name}`, "1");
  Deno.symlinkSync("/usr", `${at}/usr`);
  const before = readTree(at);
  ok(before.isWhole && before.files.size === 4);
  Deno.writeTextFileSync(`${at}/d/changed`, "22");
  Deno.writeTextFileSync(`${at}/new`, "333");
  Deno.removeSync(`${at}/gone`);
  same(compareTrees(before, readTree(at)), [
    { path: "d/changed", how: "changed", bytes: 2 },
    { path: "gone", how: "deleted", bytes: 1 },
    { path: "new", how: "created", bytes: 3 },
  ]);
  ok(!readTree(at, 2).isWhole);
});

Deno.test("a report is not written through a link that a run put in its place", async () => {
  using directory = temporaryDirectory();
  const at = directory.path;
  Deno.mkdirSync(`${at}/project/out`, { recursive: true });
  Deno.writeTextFileSync(`${at}/precious`, "precious");
  throws(() => reportPlace("gone/r.html", at), /could not write/);
  Deno.mkdirSync(`${at}/closed`, { mode: 0o500 });
  if (Deno.uid() !== 0) throws(() => reportPlace("closed/r.html", at), /could not write closed\/r.html: /);
  const place = reportPlace("out/r.html", `${at}/project`);
  Deno.symlinkSync(`${at}/precious`, `${at}/project/out/r.html`);
  await writeReport(place, "<html>");
  same(Deno.readTextFileSync(`${at}/precious`), "precious");
  Deno.removeSync(`${at}/project/out`, { recursive: true });
  Deno.symlinkSync(at, `${at}/project/out`);
  await rejects(writeReport(place, "<html>"), /was moved/);
});
