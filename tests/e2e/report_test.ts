/** The page of a real run, as Chromium shows it on a phone and on a desk. */
import { deepStrictEqual as same, ok, strictEqual as eq } from "node:assert/strict";
import { renderReport } from "../../src/report/render.ts";
import type { RunReport } from "../../src/report/report.ts";
import { chromiumIsMissing, Page } from "./chromium.ts";
import { makeProject, silo } from "./harness.ts";

const SCREENS = [[390, 844], [1280, 900]] as const;
const SECTIONS = ["Look at these first", "Files of the project", "Network", "Time", "Machine"];
/** Names that would be markup, if the page took them for that. */
const EVIL = `<img src=x onerror="document.title='owned'">`;
const LONG = "x".repeat(200);

/** Of every element that is wider than the screen, what it is. */
const OVERFLOWING = `[...document.querySelectorAll("*")].filter((it) =>
  it.getBoundingClientRect().right > innerWidth + 0.5).map((it) => it.outerHTML.slice(0, 80))`;

/** What holds of every page, on every screen. */
async function inspect(page: Page, path: string): Promise<void> {
  for (const [width, height] of SCREENS) {
    await page.show(path, width, height);
    eq(await page.evaluate("innerWidth"), width, "the phone made the page smaller, so that it fits");
    eq(await page.evaluate("document.documentElement.scrollWidth > innerWidth"), false, `it scrolls at ${width}`);
    same(await page.evaluate(OVERFLOWING), [], `${width} pixels are not enough`);
    same(await page.evaluate(`[...document.querySelectorAll("h2")].map((it) => it.innerText)`), SECTIONS);
    eq(await page.evaluate("document.images.length + document.scripts.length"), 0, "text became markup");
    eq(await page.evaluate(`document.title === "owned"`), false, "a name ran as a script");
  }
  same(page.noise, { complaints: [], requests: [] });
}

const SOURCE = `import os, socket, sys
for name in sys.argv[1:]: open(name, "w").write("x")
open("changed.txt", "a").write("2")
os.remove("deleted.txt")
os.makedirs(".git/hooks", exist_ok=True); open(".git/hooks/pre-commit", "w").write("x")
try: socket.create_connection(("telemetry.example.com", 443), 5)
except OSError: pass
sys.exit(3)`;

Deno.test({
  name: "the page of a real run fits a phone and a desk, fetches nothing, and takes hostile names for text",
  ignore: chromiumIsMissing(),
  async fn() {
    using project = makeProject({ "changed.txt": "1", "deleted.txt": "1", ".git/config": "" });
    const run = await silo(["run", "--report", "report.html", "python", "-c", SOURCE, EVIL, LONG], {
      cwd: project.path,
    });
    eq(run.code, 3, run.stderr);
    await using page = await Page.open();
    await inspect(page, `${project.path}/report.html`);
    const text = String(await page.evaluate("document.body.innerText"));
    const parts = ["exit code 3", EVIL, LONG, "changed.txt", "deleted.txt", ".git/hooks/pre-commit", "/workspace"];
    ok(!text.includes("0.0 s of processor time"), "what the machine used was not seen");
    for (const part of [...parts, "3 created, 1 changed, 1 deleted", "telemetry.example.com", "1 denied"]) {
      ok(text.includes(part), `${part} is not told:\n${text}`);
    }
  },
});

Deno.test({
  name: "nothing that a sandbox can name becomes markup on the page, or makes it wider",
  ignore: chromiumIsMissing(),
  async fn() {
    using project = makeProject({
      "report.html": renderReport(hostile(EVIL)),
      "long.html": renderReport(hostile(LONG)),
    });
    await using page = await Page.open();
    await inspect(page, `${project.path}/report.html`);
    await inspect(page, `${project.path}/long.html`);
  },
});

/** A report in which everything that may be the sandbox's is that word. */
function hostile(word: string): RunReport {
  return {
    tool: word,
    command: word,
    project: `/${word}`,
    startedAt: word,
    end: word,
    isGood: false,
    phases: [{ phase: word, milliseconds: 12_345 }, { phase: "boot", milliseconds: 1 }],
    wholeMs: 1e9,
    attempts: 3,
    files: [...Array(60).keys()].map(() => ({ path: word, how: "created" as const, bytes: 1e15 })),
    filesAreWhole: false,
    planted: [{ path: word, how: "created" }],
    machine: {
      cpus: 64,
      memoryMiB: 1_048_576,
      processorSeconds: 1e9,
      memoryBytes: 150e6,
      mounts: [{ guestPath: word, hostPath: word, readOnly: true }],
    },
    network: { hosts: [{ host: word, port: 1, allowed: false, count: 1e9, reason: word }], ports: [word] },
  };
}
