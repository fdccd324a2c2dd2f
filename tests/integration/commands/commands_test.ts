/** The commands that need no machine, as a person without a terminal has them: what they do, say, and refuse. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { temporaryDirectory } from "../registry/harness/setup.ts";
import { type CliResult, silo } from "../registry/harness/cli.ts";

const PYTHON = `[tools.python]
version = "3.13.5"
source = "debian"
image = "sha256:0"
rootfs = "rootfs/0.ext4"
environment = []
installedAt = "2026-01-01T00:00:00.000Z"
shims = ["python", "pip"]
`;

/** A silo home with a python that is installed as far as anybody looks here, and a project beside it. */
function place() {
  const directory = temporaryDirectory();
  const [home, project] = [`${directory.path}/home`, `${directory.path}/project`];
  for (const path of [home, project]) Deno.mkdirSync(path);
  Deno.writeTextFileSync(`${home}/config.toml`, PYTHON);
  const run = (...args: string[]): Promise<CliResult> => silo(home, args, project);
  return {
    home,
    project,
    run,
    /** What it prints; it must succeed. */
    async done(...args: string[]): Promise<string> {
      const { code, stdout, stderr } = await run(...args);
      eq(code, 0, `silo ${args.join(" ")}: ${stdout}${stderr}`);
      return stdout + stderr;
    },
    async refused(pattern: RegExp, ...args: string[]): Promise<void> {
      const { code, stdout, stderr } = await run(...args);
      eq(code, 125, `silo ${args.join(" ")}`);
      match(stdout + stderr, pattern);
    },
    toml: () => Deno.readTextFileSync(`${project}/silo.toml`),
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}

Deno.test("whatever lists prints JSON too, and nothing has escapes where there is no terminal", async () => {
  using it = place();
  for (
    const line of [
      "list",
      "list --available",
      "current",
      "shim python list",
      "ps",
      "projects ls",
      "image ls",
      "image gc --dry-run",
      "cache report",
      "cache list",
      "cache gc --dry-run",
      "cache compress --dry-run",
      "cache clean --dry-run",
      "prune --dry-run",
      "clean --dry-run",
      "sync --dry-run",
      "config show python",
      "config paths",
      "doctor",
    ]
  ) {
    const words = line.split(" ");
    const { stdout } = await it.run(...words, "--json");
    JSON.parse(stdout);
    const plain = await it.run(...words);
    ok(!`${plain.stdout}${plain.stderr}`.includes("\x1b"), line);
    if (line !== "doctor") eq(plain.code, 0, `${line}: ${plain.stderr}`);
  }
});

Deno.test("a project is begun, its settings changed by commands, shown with their files, and found in place", async () => {
  using it = place();
  Deno.writeTextFileSync(`${it.project}/package.json`, "{}");
  Deno.writeTextFileSync(`${it.project}/requirements.txt`, "");
  Deno.mkdirSync(`${it.project}/.git`);
  match(await it.done("init", "--no-interactive"), /silo\.toml\n.*\.gitignore\n.*silo sync .*installs node/s);
  eq(Deno.readTextFileSync(`${it.project}/.gitignore`), ".silo/\n");
  match(it.toml(), /^\[tools\.node\] .*\n\n\[tools\.python\] /m);
  await it.refused(/there already\n.*silo config edit/, "init");

  match(await it.done("config", "network", "allow", "node", "corp.registry.io"), /may be reached by node:/);
  match(await it.done("config", "ports", "add", "node", "5173"), /forwarded into the sandbox of node:/);
  match(await it.done("config", "network", "deny", "--global", "telemetry.example.com"), /may not be reached/);
  match(await it.done("config", "show", "node"), /"corp\.registry\.io", +# .*\/project\/silo\.toml \[tools\.node\]/);
  match(await it.done("config", "show", "node"), /"telemetry\.example\.com", +# .*\/home\/silo\.toml/);
  match(it.toml(), /^# The tools of this project/);
  await it.done("config", "network", "remove", "node", "corp.registry.io");
  await it.done("config", "ports", "remove", "node", "5173");
  ok(!/corp|5173/.test(it.toml()));
  match(await it.done("config", "show"), /^tools\.node = \{\} +# .*\/project\/silo\.toml$/m);
  match(await it.done("config", "paths"), /^project +.*\/project\/silo\.toml$/m);

  await it.done("use", "--no-install", "python@3.12");
  match(await it.done("current"), /^python +3\.12, not installed: silo use python@3\.12 .*\/project\/silo\.toml$/m);
  await it.refused(/could not take go out/, "unuse", "python", "go");
  match(it.toml(), /tools\.python/);
  await it.done("unuse", "python");
  ok(!it.toml().includes("tools.python"));
  await it.done("use", "--no-install", "python");
  await it.refused(/could be for node, python\n {2}Name it: --for node/, "add", "--no-sync", "kotlin");
  await it.done("unuse", "python");
  match(await it.done("add", "--no-sync", "--for", "node", "kotlin"), /Recorded kotlin for node/);
  match(await it.done("sync", "--dry-run"), /^node +install/m);
  match(await it.done("build", "node", "--remove"), /Removed the steps of node/);
  match(it.toml(), /^\[tools\.node\] +# package\.json$/m);
  match(await it.done("rebuild", "--all"), /nothing to run again/);
});

Deno.test("config default, init, schema and migrate write what silo reads", async () => {
  using it = place();
  eq(await it.done("config", "init"), `Made ${it.project}/silo.toml\n`);
  eq(it.toml(), await it.done("config", "default"));
  await it.refused(/is there already/, "config", "init", "--local");
  await it.done("config", "init", "--global");
  match(await it.done("config", "show"), /Nothing is set/);
  ok("network" in JSON.parse(await it.done("config", "schema")).properties);
  await it.refused(/not a terminal/, "config", "edit");

  Deno.removeSync(`${it.project}/silo.toml`);
  Deno.writeTextFileSync(`${it.project}/.siloconf`, 'tools:\n  python:\n    version: "3.13"\n    what: 1\n');
  match(await it.done("config", "migrate"), /not taken over: tools\.python\.what/);
  match(it.toml(), /^# Not taken over.*tools\.python\.what\n\n\[tools\.python\]\nversion = "3\.13"\n$/);
});

Deno.test("pin, unpin and shim change what counts where", async () => {
  using it = place();
  match(await it.done("unpin", "python"), /in projects that name it/);
  match(await it.done("list"), /python, pip \*\n\n\* only in projects/);
  match(await it.done("pin", "python"), /in every directory/);
  await it.done("shim", "python", "add", "ipython:python -m IPython");
  await it.done("shim", "python", "add", "black", "mypy");
  match(await it.done("shim", "python", "list"), /^ipython +python -m IPython\nblack +black\n/m);
  ok(Deno.statSync(`${it.home}/bin/mypy`).isFile);
  await it.refused(/none of that name\n {2}Did you mean black\?/, "shim", "python", "remove", "blak");
  await it.done("shim", "python", "remove", "ipython", "black", "mypy");
  same([...Deno.readDirSync(`${it.home}/bin`)].map(({ name }) => name).toSorted(), ["pip", "python"]);
});

Deno.test("without a terminal nothing is asked: it is refused, with the words that need no question", async () => {
  using it = place();
  await it.refused(/removes from [^]*python[^]*not a terminal\n.*silo reset --yes/, "reset");
  ok((await it.done("list")).includes("python"));
  Deno.writeTextFileSync(`${it.project}/silo.toml`, '[network]\nallow = ["example.com"]\n');
  await it.refused(/\+ .*example\.com[^]*silo trust --yes/, "trust");
  await it.refused(/has not been accepted[^]*silo trust$/m, "sync");
  const { stdout, stderr } = await it.run("trust");
  eq(stdout, "", "what is refused is told in one place");
  match(stderr, /\+ .*example\.com[^]*not a terminal/);
  const accepted = await it.run("trust", "--yes");
  match(accepted.stdout, /^Accepted .*silo\.toml.*\n$/);
  match(accepted.stderr, /\+ .*example\.com/);
  await it.done("trust", "--revoke");
  const quiet = await it.run("trust", "--yes", "--quiet");
  same([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
  await it.done("trust", "--revoke");
  await it.refused(/has not been accepted/, "sync");

  Deno.writeTextFileSync(`${it.home}/silo.toml`, "# mine\n");
  await it.done("reset", "--yes", "--keep-settings");
  same([...Deno.readDirSync(it.home)].map(({ name }) => name), ["silo.toml"]);
});

Deno.test("where there is nothing to do, that is said; where something is wrong, what is right", async () => {
  using it = place();
  eq(await it.done("cache", "clean", "--containers"), "There is nothing to remove.\n");
  eq(await it.done("clean", "--rootfs-only"), "There is nothing to free.\n");
  eq(await it.done("clean", "--orphaned"), "There is nothing to free.\n");
  eq(await it.done("ps", "-q"), "");
  await it.run("doctor", "--bundle", "report.zip");
  ok(Deno.statSync(`${it.project}/report.zip`).size > 1000);
  match(await it.done("rm"), /No sandbox runs/);
  match(await it.done("list", "--available"), /^claude-code .*coding agent$/m);
  match(await it.done("shellenv", "pwsh"), /Register-ArgumentCompleter/);
  await it.refused(/There are .*3\.13/, "install", "python@9.9");
  await it.refused(
    /python is not installed|not installed\n {2}Did you mean python\?/,
    "uninstall",
    "--keep-image",
    "pythn",
  );
  await it.refused(/no steps are recorded[^]*silo build python CMD/, "rebuild", "python");
  await it.refused(/no sandbox of that name/, "exec", "nothing", "ls");
  await it.refused(/Did you mean install\?/, "instal");
});
