/** `silo add --global` and `silo sync` as several projects live with them. `python_test.ts` has packages. */
import { match, ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { makeHome } from "../homes.ts";
import { beginSession } from "./session.ts";

Deno.test("add --global: every project has it, below what is its own", async () => {
  using home = makeHome();
  using one = beginSession(home, {});
  using two = beginSession(home, { "silo.toml": "[tools.python]\npost_install = ['echo own >> /usr/local/said']\n" });
  const say = ["run", "--exec", "python", "cat", "/usr/local/said"];

  await one.done("add", "--global", "--for", "python", "--step", "echo global > /usr/local/said");
  match(Deno.readTextFileSync(join(home.path, "silo.toml")), /^\[tools\.python\]\npost_install = \[[^\]]*global/m);
  eq(await one.done(...say), "global\n");
  ok(!Deno.readTextFileSync(join(home.path, "silo.toml")).includes("own"));

  await two.done("trust", "--yes");
  eq((await two.done("sync", "--dry-run")).trim(), "python  build with 2 steps");
  eq(await two.done("sync"), "Built python with 2 steps\n");
  eq(await two.done("sync"), "Everything is as silo.toml says.\n");
  eq(await two.done(...say), "global\nown\n");

  // What was only the project's is freed with it; what all have stays.
  Deno.removeSync(two.path, { recursive: true });
  match(await one.done("clean", "--orphaned"), /^Removed the build of python for /m);
  Deno.mkdirSync(two.path);
  eq(await one.done(...say), "global\n");
});
