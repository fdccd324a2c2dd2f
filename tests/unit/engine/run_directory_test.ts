import { deepStrictEqual as same, match, ok, strictEqual as eq, throws } from "node:assert/strict";
import {
  createRunDirectory,
  runBase,
  staleRunDirectories,
  sweepRunDirectories,
} from "../../../src/engine/run_directory.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

/** A host whose run directories are in `path`. */
const hostIn = (path: string) => fakeHost({ env: { XDG_RUNTIME_DIR: path } });

Deno.test("runBase() takes XDG_RUNTIME_DIR only if it is the user's own and short enough for sockets", () => {
  using directory = temporaryDirectory();
  Deno.chmodSync(directory.path, 0o700);
  const siloHome = "/home/me/.silo";
  eq(runBase(hostIn(directory.path)), `${directory.path}/silo`);
  eq(runBase(fakeHost({ siloHome, env: { XDG_RUNTIME_DIR: directory.path }, uid: 4_000_000 })), `${siloHome}/run`);
  Deno.chmodSync(directory.path, 0o777);
  eq(runBase(hostIn(directory.path)), `${siloHome}/run`);
  eq(runBase(fakeHost({ siloHome: `/home/${"x".repeat(90)}`, uid: 7 })), "/tmp/silo-7");
});

Deno.test("a run directory is private, locked while its owner lives, and gone after remove()", async () => {
  using directory = temporaryDirectory();
  const host = hostIn(directory.path);
  const run = createRunDirectory(host);
  match(run.path, /\/silo\/r-[0-9a-f]{8}$/);
  eq(Deno.statSync(run.path).mode! & 0o777, 0o700);
  same(await staleRunDirectories(runBase(host), host.now()), []);
  same(await sweepRunDirectories(runBase(host), host.now()), []);
  await run.remove();
  throws(() => Deno.statSync(run.path), Deno.errors.NotFound);
});

Deno.test("what killed runs left is swept, and nothing else", async () => {
  using directory = temporaryDirectory();
  const host = hostIn(directory.path);
  const living = createRunDirectory(host);
  const base = runBase(host);
  for (const name of ["r-dead0000", "r-dead0001", "n-old", "n-new", "other"]) Deno.mkdirSync(`${base}/${name}`);
  Deno.writeTextFileSync(`${base}/r-dead0000/lock`, "");
  Deno.writeTextFileSync(`${base}/r-dead0000/data`, "x");
  Deno.utimeSync(`${base}/n-old`, new Date(0), new Date(0));
  const swept = await sweepRunDirectories(base, host.now());
  same(swept.sort(), ["n-old", "r-dead0000", "r-dead0001"].map((name) => `${base}/${name}`));
  const left = [...Deno.readDirSync(base)].map((entry) => entry.name).sort();
  same(left, ["n-new", "other", living.path.split("/").at(-1)!].sort());
  await living.remove();
});

Deno.test("a base that is a link to somewhere else is refused", () => {
  using directory = temporaryDirectory();
  Deno.mkdirSync(`${directory.path}/elsewhere`);
  Deno.symlinkSync(`${directory.path}/elsewhere`, `${directory.path}/silo`);
  throws(() => createRunDirectory(hostIn(directory.path)), /not a directory of yours/);
});

Deno.test("a base that others could enter is closed to them", async () => {
  using directory = temporaryDirectory();
  Deno.mkdirSync(`${directory.path}/silo`, { mode: 0o755 });
  const run = createRunDirectory(hostIn(directory.path));
  ok((Deno.statSync(`${directory.path}/silo`).mode! & 0o077) === 0);
  await run.remove();
});
