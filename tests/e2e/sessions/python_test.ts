/**
 * A python project: Debian packages in its sandbox, a virtual environment, a package of the company's index, one that
 * lies in the project, and pytest; then a clone of it.
 */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { makeHome } from "../homes.ts";
import { makeWheel, servePythonIndex } from "./python_index.ts";
import { beginSession } from "./session.ts";

const GREETER = "def greet(name):\n    return f'Hello, {name}!'\ndef main():\n    print(greet('program'))\n";
const TEST = "import greeter\ndef test_greets():\n    assert greeter.greet('you') == 'Hello, you!'\n";

Deno.test("python: packages by add, a venv, pip from an index on this machine, pytest's exit codes; a clone of it", async (t) => {
  using home = makeHome();
  await using index = servePythonIndex("greeter", [makeWheel("greeter", "1.0", GREETER)]);
  using session = beginSession(home, {
    "silo.toml": `[tools.python.network]\nhostPorts = [${index.port}]\n`,
    "test_greeter.py": TEST.replace("Hello, you", "Goodbye, you"),
    "data.json": '{"answer": 42}\n',
  });
  using clone = beginSession(home, { "data.json": '{"answer": 43}\n' });
  const { path, run, done } = session;

  await t.step("a port of this machine that silo.toml opens counts once it has been accepted", async () => {
    const refused = await run("run", "python", "-c", "1");
    eq(refused.code, 125);
    match(refused.stderr, /silo trust/);
    await done("trust", "--yes");
  });

  await t.step("silo add brings packages, and a second time does nothing", async () => {
    await done("add", "ripgrep", "jq", "python3-pytest");
    match(session.read("silo.toml"), /^post_install = \[[^\]]*ripgrep jq python3-pytest/m);
    eq(await done("shell", "python", "-c", "rg --count answer data.json; exec jq .answer data.json"), "1\n42\n");
    const again = await run("add", "ripgrep", "jq", "python3-pytest");
    same([again.code, again.stdout], [0, "python is built already: 1 step for this project\n"], again.stderr);
    eq(await done("sync"), "Everything is as silo.toml says.\n");
  });

  const url = `http://host.silo.internal:${index.port}/simple`;
  const install = ["run", "python", "-m", "pip", "install", "-q", "--index-url", url];
  install.push("--trusted-host", "host.silo.internal", "greeter");

  await t.step(
    "a wheel of the project needs no network; without a virtual environment it is gone, and silo says so",
    async () => {
      const { file, bytes } = makeWheel("greeter", "0.1", GREETER);
      Deno.mkdirSync(`${path}/wheels`);
      Deno.writeFileSync(`${path}/wheels/${file}`, bytes);
      const flags = ["install", "-q", "--no-index", `wheels/${file}`];
      const { code, stderr } = await run("run", "--net", "none", "python", "-m", "pip", ...flags);
      eq(code, 0, stderr);
      match(stderr, /^silo: what pip installed is gone with its machine\. .* silo run python -m venv \.venv$/m);
    },
  );

  await t.step("in one it stays, and python and the package's program are those of the environment", async () => {
    // Debian's pip is seen in it, and installs into it: without a pip of its own it is made in a second.
    await done("run", "python", "-m", "venv", "--system-site-packages", "--without-pip", ".venv");
    const installed = await run(...install);
    same([installed.code, installed.stderr], [0, ""]);
    same(index.asked, ["/simple/greeter/", "/files/greeter-1.0-py3-none-any.whl"]);
    const where = await done("shell", "python", "-c", `python -c 'import greeter;print(greeter.__file__)' && greeter`);
    match(where, /^\/workspace\/\.venv\/lib\/python3\.\d+\/site-packages\/greeter\.py\nHello, program!\n$/);
    ok(Deno.lstatSync(`${path}/.venv/bin/greeter`).isFile);
  });

  await t.step("pytest fails with 1, and passes with 0 after an edit", async () => {
    const failed = await run("run", "python", "-m", "pytest", "-q");
    eq(failed.code, 1, failed.stderr);
    match(failed.stdout, /assert 'Hello, you!' == 'Goodbye, you!'[^]*\n1 failed/);
    session.write("test_greeter.py", TEST);
    const passed = await run("run", "python", "-m", "pytest", "-q");
    eq(passed.code, 0, passed.stdout + passed.stderr);
    match(passed.stdout, /\n1 passed/);
  });

  await t.step(
    "a clone has it without a build once it is accepted; a language waits for sync, and a run says so",
    async () => {
      Deno.copyFileSync(`${path}/silo.toml`, `${clone.path}/silo.toml`);
      match((await clone.run("sync")).stderr, /silo trust/);
      await clone.done("trust", "--yes");
      eq(await clone.done("sync"), "Everything is as silo.toml says.\n");
      eq(await clone.done("run", "--exec", "python", "jq", ".answer", "data.json"), "43\n");
      const recorded = /^Recorded kotlin for python in .*silo\.toml; `silo sync` builds it\n$/;
      match(await clone.done("add", "kotlin", "--no-sync"), recorded);
      match(clone.read("silo.toml"), /--no-install-recommends default-jdk-headless kotlin"/);
      match(
        (await clone.run("run", "python", "-c", "1")).stderr,
        /has not been built here yet\n +Build it: silo sync\n/,
      );
      eq((await clone.done("sync", "--dry-run")).trim(), "python  build with 2 steps");
      eq(await clone.done("add", "kotlin", "--no-sync"), "python has kotlin recorded already\n");
      const projects = JSON.parse(await done("projects", "ls", "--json")) as { path: string; builds: unknown[] }[];
      ok(projects.every(({ builds }) => builds.length > 0), JSON.stringify(projects));
      same(projects.map(({ path }) => path), [path, clone.path].sort());
    },
  );
});
