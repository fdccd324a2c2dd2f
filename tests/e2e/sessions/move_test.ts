/** A project moves: its build, its virtual environment and its settings go with it; what stays behind can be freed. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { makeProject } from "../harness.ts";
import { makeHome } from "../homes.ts";
import { sessionAt } from "./session.ts";

const LOOK = "import sys,os;print(sys.prefix, open('/usr/local/built').read().strip());" +
  "p=os.environ['PIP_CACHE_DIR']+'/kept';print(os.path.exists(p));open(p,'w').write('x'*100000)";

Deno.test("move: the build and the venv work at once in the new place, and clean --orphaned frees what was of the old", async () => {
  using home = makeHome();
  using parent = makeProject({ "before/silo.toml": "" });
  const [before, after] = [join(parent.path, "before"), join(parent.path, "after")];
  const old = sessionAt(home, before);
  await old.done("build", "python", "echo built > /usr/local/built");
  await old.done("run", "python", "-m", "venv", "--without-pip", ".venv");
  eq(await old.done("run", "python", "-c", LOOK), "/workspace/.venv built\nFalse\n");
  eq(await old.done("run", "python", "-c", LOOK), "/workspace/.venv built\nTrue\n");

  Deno.renameSync(before, after);
  const moved = sessionAt(home, after);
  // The file was accepted where it was: here it says what it opens, once.
  const asked = await moved.run("run", "python", "-c", LOOK);
  eq(asked.code, 125);
  match(asked.stderr, /silo trust/);
  await moved.done("trust", "--yes");
  eq(await moved.done("sync"), "Everything is as silo.toml says.\n");
  eq(await moved.done("run", "python", "-c", LOOK), "/workspace/.venv built\nFalse\n");

  const list = await moved.done("projects", "ls");
  match(list, new RegExp(`${before} \\(gone\\)$`, "m"));
  match(list, /`silo clean --orphaned`/);
  const cleaned = await moved.done("clean", "--orphaned");
  match(cleaned, new RegExp(`^Removed caches of python for ${before}, `, "m"));
  match(cleaned, new RegExp(`^Needed elsewhere, kept: the build of python for ${before}, `, "m"));
  const projects = JSON.parse(await moved.done("projects", "ls", "--json")) as { path: string }[];
  same(projects.map(({ path }) => path), [after]);
  const again = await moved.run("run", "python", "-c", LOOK);
  eq(again.stdout, "/workspace/.venv built\nTrue\n", again.stderr);
  ok(!again.stderr.includes("silo:"), again.stderr);
});
