/** Issue: the shared directory behaves as a directory does. docs/share-semantics.md tells what holds. */
import { deepStrictEqual as same, ok, strictEqual as eq } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path/posix";
import { makeProject, ROOT, type RunResult, silo, spawnSilo } from "./harness.ts";
import {
  type CaseResult,
  compare,
  documented,
  parseResults,
  readKnown,
  renderResults,
  writeDocumented,
} from "./share/results.ts";

const SUITE = join(ROOT, "tests/e2e/share");
/** The cases take minutes under emulation. */
const CASES_LIMIT_MS = 1_200_000;
const SCALE_LIMIT_MS = 3_600_000;
/** How many small files: 100,000 take a quarter of an hour and more under emulation, so fewer unless asked for. */
const MANY_FILES = Deno.env.get("SILO_E2E_FILES") ?? "10000";
/** Nothing is denied to root, so most of the cases say something only for an ordinary user. */
const ordinary = Deno.uid() !== 0;

/** A project that holds the cases and an empty directory for them. */
function caseProject(): { path: string } & Disposable {
  const project = makeProject();
  copyTree(SUITE, join(project.path, "suite"));
  Deno.mkdirSync(join(project.path, "area"));
  return project;
}

function copyTree(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const entry of Deno.readDirSync(from)) {
    if (entry.name === "__pycache__") continue;
    if (entry.isDirectory) copyTree(join(from, entry.name), join(to, entry.name));
    else Deno.copyFileSync(join(from, entry.name), join(to, entry.name));
  }
}

async function runCases(args: string[], limitMs: number): Promise<CaseResult[]> {
  using project = caseProject();
  const command = [
    "run",
    "--env",
    `SILO_CASES_FILES=${MANY_FILES}`,
    "python",
    "suite/posix_cases.py",
    "area",
    "--keep",
    ...args,
  ];
  const run = await silo(command, { cwd: project.path, limitMs });
  eq(run.code, 0, run.stderr);
  // Directories without permissions would be in the way when the project is removed.
  new Deno.Command("chmod", { args: ["-R", "u+rwx", join(project.path, "area")] }).outputSync();
  return parseResults(run.stdout);
}

/** One run serves every test that asks for it. */
let casesRun: Promise<CaseResult[]> | undefined;
const cases = () => casesRun ??= runCases(["--skip", "scale"], CASES_LIMIT_MS);

Deno.test({
  name: "the share does for programs what a local directory does, but for the known failures",
  ignore: !ordinary,
}, async () => {
  const results = await cases();
  ok(results.length >= 200, `only ${results.length} cases`);
  same(compare(results, readKnown()), []);
});

Deno.test({ name: "docs/share-semantics.md says what the cases say", ignore: !ordinary }, async () => {
  const text = renderResults(await cases(), readKnown());
  if (Deno.env.get("SILO_UPDATE_DOCS") === "1") writeDocumented(text);
  eq(documented(), text, "run this test with SILO_UPDATE_DOCS=1");
});

Deno.test(
  { name: "very many small files are made, listed, read and removed on the share", ignore: !ordinary },
  async () => {
    const results = await runCases(["--area", "scale"], SCALE_LIMIT_MS);
    same(results.filter((r) => !r.ok), []);
  },
);

// The project that the next two tests look at.
let madeRun: Promise<{ project: ReturnType<typeof makeProject>; run: RunResult }> | undefined;
const made = () =>
  madeRun ??= (async () => {
    const project = caseProject();
    globalThis.addEventListener("unload", () => project[Symbol.dispose]());
    return { project, run: await silo(["run", "python", "suite/made.py"], { cwd: project.path }) };
  })();

Deno.test("files made in the guest belong to who ran silo, with the modes they were given", async () => {
  const { project, run } = await made();
  eq(run.code, 0, run.stderr);
  const owner = Deno.statSync(project.path);
  const modes: Record<string, number> = {
    plain: 0o644,
    program: 0o755,
    private: 0o600,
    "read-only": 0o444,
    empty: 0o644,
    directory: 0o755,
    "directory/renamed": 0o755,
    "directory/renamed/file": 0o644,
    big: 0o644,
    sparse: 0o644,
    "ünï-漢字": 0o644,
  };
  for (const [name, mode] of Object.entries(modes)) {
    const info = Deno.lstatSync(join(project.path, "made", name));
    same([name, info.uid, info.gid], [name, owner.uid, owner.gid]);
    eq(`${name} ${(info.mode! & 0o7777).toString(8)}`, `${name} ${mode.toString(8)}`);
  }
  eq(Deno.statSync(join(project.path, "made")).uid, Deno.uid());
});

Deno.test("contents, links, names, times and sizes made in the guest are the same on the host", async () => {
  const { project, run } = await made();
  const at = (name: string) => join(project.path, "made", name);
  eq(Deno.readTextFileSync(at("symlink")), "below\n");
  eq(Deno.readLinkSync(at("symlink")), "directory/renamed/file");
  eq(Deno.readLinkSync(at("dead")), "/nonexistent/target");
  eq(Deno.lstatSync(at("symlink")).uid, Deno.statSync(project.path).uid);
  eq(Deno.statSync(at("plain")).ino, Deno.statSync(at("hard-link")).ino);
  eq(Deno.statSync(at("plain")).nlink, 2);
  eq(createHash("sha256").update(Deno.readFileSync(at("big"))).digest("hex"), run.stdout.trim());
  eq(Deno.readTextFileSync(at("ünï-漢字")), "unicode\n");
  // A name that is not UTF-8 cannot be written in TypeScript.
  const script = `cat "$(printf 'not-utf8-\\377')"`;
  const { stdout } = new Deno.Command("sh", { args: ["-c", script], cwd: at(".") }).outputSync();
  eq(new TextDecoder().decode(stdout), "bytes\n");
  eq(Deno.statSync(at("read-only")).mtime!.getTime(), 1_500_000_000_000);
  const sparse = Deno.statSync(at("sparse"));
  same([sparse.size, sparse.blocks! * 512 < 2 ** 20], [2 ** 30, true]);
  const away = Math.abs(Deno.statSync(at("plain")).mtime!.getTime() - Date.now());
  ok(away < 300_000, `a file made just now is ${away} ms from the host's clock`);
});

Deno.test("what the host changes while a tool runs is seen by the tool at its next look", async () => {
  using project = caseProject();
  const at = (name: string) => join(project.path, name);
  Deno.writeTextFileSync(at("text"), "first");
  const child = spawnSilo(["run", "python", "suite/watcher.py"], { cwd: project.path });
  const writer = child.stdin.getWriter();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const errors = new Response(child.stderr as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  let buffer = "";
  const look = async (...paths: string[]) => {
    await writer.write(new TextEncoder().encode(`${JSON.stringify(paths)}\n`));
    while (!buffer.includes("\n")) {
      const { value, done } = await lines.read();
      if (done) throw new Error(`the watcher ended: ${await errors}`);
      buffer += value;
    }
    const line = buffer.slice(0, buffer.indexOf("\n"));
    buffer = buffer.slice(line.length + 1);
    return JSON.parse(line);
  };
  same(await look("text", "new"), { text: "first", new: null });
  for (const text of ["again", "SAME!", "a longer text", "", "x".repeat(9000), "short"]) {
    Deno.writeTextFileSync(at("text"), text); // in place, also with the same size
    same(await look("text"), { text });
  }
  Deno.writeTextFileSync(at("text.tmp"), "saved as editors do");
  Deno.renameSync(at("text.tmp"), at("text"));
  Deno.mkdirSync(at("new"));
  Deno.writeTextFileSync(at("new/file"), "inside");
  same(await look("text", "new", "new/file"), { text: "saved as editors do", new: ["file"], "new/file": "inside" });
  Deno.renameSync(at("new"), at("moved"));
  same(await look("new/file", "moved/file", "new"), { "new/file": null, "moved/file": "inside", new: null });
  Deno.removeSync(at("moved"), { recursive: true });
  Deno.writeTextFileSync(at("moved"), "a file now");
  same(await look("moved", "moved/file").catch((e) => String(e)), { moved: "a file now", "moved/file": null });
  Deno.removeSync(at("text"));
  Deno.symlinkSync("moved", at("text"));
  same(await look("text"), { text: "-> moved" });
  await writer.close();
  await lines.cancel();
  eq((await child.status).code, 0, await errors);
});
