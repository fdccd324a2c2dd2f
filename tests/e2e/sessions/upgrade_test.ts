/** A tool is upgraded: what runs goes on, projects keep the version that they name, and silo says which is which. */
import { deepStrictEqual as same, match, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { runProgram } from "../../integration/registry/harness/packages.ts";
import { startRegistry } from "../../integration/registry/harness/registry_server.ts";
import { makeProject, spawnSilo } from "../harness.ts";
import { makeHome } from "../homes.ts";
import { beginSession } from "./session.ts";
import { addSmallImage } from "./small_image.ts";

const DEFINITION = (registry: string) =>
  `description = "Greets"
shims = ["greet"]
versions = ["2.0", "1.0"]

[image]
repository = "${registry}/team/greet"
version = "2.0"
`;
/** Says its version, and again once it is told to. */
const GREET = (version: string) => `echo "greet ${version}"; read -r _ && . /etc/later; exit 0`;

Deno.test("upgrade: a run of the old version goes on, a project keeps what it names, and list and current tell", async () => {
  using work = makeProject();
  const layout = join(work.path, "layout");
  await using registry = await startRegistry(join(work.path, "data"));
  for (const version of ["1.0", "2.0"]) {
    await addSmallImage(layout, version, GREET(version));
    const target = `docker://${registry.host}/team/greet:${version}`;
    await runProgram("skopeo", [
      ...["--insecure-policy", "copy", "--dest-tls-verify=false", `oci:${layout}:${version}`, target],
    ]);
  }
  using home = makeHome();
  Deno.mkdirSync(join(home.path, "registry"));
  Deno.writeTextFileSync(join(home.path, "registry/greet.toml"), DEFINITION(registry.host));
  using free = beginSession(home, {});
  using pinned = beginSession(home, {});

  match((await free.run("install", "greet@3.0")).stderr, /3\.0[^]*2\.0, 1\.0/);
  eq(await free.done("install", "greet@1.0"), "Installed greet 1.0: silo greet … (greet)\n");
  await pinned.done("use", "greet@1.0");
  match(pinned.read("silo.toml"), /\[tools\.greet\]\nversion = "1\.0"/);

  // A run of the old version stands, and is upgraded under it.
  const old = spawnSilo(["run", "greet"], free.at);
  const output = old.stdout.getReader();
  eq(new TextDecoder().decode((await output.read()).value), "greet 1.0\n");
  match(await free.done("install", "greet@2.0"), /^Installed greet 2\.0/);
  eq(await free.done("run", "greet"), "greet 2.0\n");
  const writer = old.stdin.getWriter();
  await writer.write(new TextEncoder().encode("\n"));
  await writer.close();
  await Promise.all([output.cancel(), old.stderr.cancel()]);
  eq((await old.status).code, 2); // its root file system was its own to the end: /etc/later is not there

  // The project that names 1.0 is not run with 2.0, and one command brings 1.0 back beside it.
  const gone = await pinned.run("run", "greet");
  eq(gone.code, 125);
  match(gone.stderr, /silo\.toml asks for 1\.0, and 2\.0 is installed\n +.*silo (sync|use)/);
  eq((await pinned.done("sync", "--dry-run")).trim(), "greet  install");
  await pinned.done("sync");
  eq(await pinned.done("run", "greet"), "greet 1.0\n");
  eq(await free.done("run", "greet"), "greet 2.0\n");
  const here = async (session: { done: typeof free.done }) => {
    const { version, wanted } = JSON.parse(await session.done("current", "greet", "--json"));
    return [version, wanted];
  };
  same([await here(pinned), await here(free)], [["1.0", "1.0"], ["2.0", null]]);
  const list = await free.done("list");
  match(list, /^greet +2\.0 /m);
  match(list, /^greet@1\.0 +1\.0 /m);
});
