/** Shims as real scripts, in a real sh, with a silo that tells how it was called. */
import { deepStrictEqual as same, match, ok, strictEqual as eq, throws } from "node:assert/strict";
import { shimsOf } from "../../../src/cli/commands/tools/shim.ts";
import { shellOf } from "../../../src/cli/commands/tools/shellenv.ts";
import { candidates } from "../../../src/cli/completion/candidates.ts";
import { shimScript } from "../../../src/shims/shim_script.ts";
import { shadowedShims } from "../../../src/shims/shadowed.ts";
import { syncShims } from "../../../src/shims/sync_shims.ts";
import { chooseVersion, fits } from "../../../src/tools/choose_version.ts";
import { parseShim } from "../../../src/tools/definition.ts";
import { changeInstalled, type InstalledTool } from "../../../src/tools/installed.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const tool = (name: string, shims: string[], changes: Partial<InstalledTool> = {}): InstalledTool => ({
  name,
  version: "3.12.1",
  source: "debian",
  image: "sha256:0",
  rootfs: "rootfs/0.ext4",
  environment: [],
  shims: shims.map((shim) => parseShim(shim)!),
  installedAt: "2026-01-01T00:00:00.000Z",
  ...changes,
});

/** A place with a silo, its shim of `py`, another `py` on PATH, and what runs there. */
function place(projectsOnly: boolean) {
  const directory = temporaryDirectory();
  const root = directory.path;
  const script = (path: string, text: string) => {
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
    Deno.chmodSync(path, 0o755);
  };
  const silo = `${root}/with space/silo`;
  script(silo, `#!/bin/sh\n[ "$1" = shim ] && { echo asked; exit 1; }\necho silo "$@"\n`);
  script(`${root}/bin/py`, shimScript({ name: "py", tool: "pyt", silo, siloHome: undefined, projectsOnly }));
  script(`${root}/other/py`, `#!/bin/sh\necho other "$@"\nexit 3\n`);
  Deno.mkdirSync(`${root}/p/in`, { recursive: true });
  const run = (path: string[], cwd = `${root}/p/in`, args = ["a b", "", "--x"]) => {
    const { code, stdout, stderr } = new Deno.Command(`${root}/bin/py`, {
      args,
      cwd,
      env: { PATH: path.join(":") },
      clearEnv: true,
    }).outputSync();
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
  };
  const project = (text: string) => Deno.writeTextFileSync(`${root}/p/silo.toml`, text);
  return { root, silo, run, project, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

Deno.test("a shim runs silo with every argument as it was", () => {
  using it = place(false);
  same(it.run(["/usr/bin", "/bin"]), { code: 0, out: "silo run py -- a b  --x\n", err: "" });
  Deno.removeSync(it.silo);
  const { code, err } = it.run(["/usr/bin"]);
  eq(code, 125);
  match(err, /could not run py: .*with space\/silo is gone/);
});

Deno.test("a shim that counts in projects alone hands over to the next program of its name elsewhere", () => {
  using it = place(true);
  const path = [`${it.root}/bin`, `${it.root}/other`];
  same(it.run(path), { code: 3, out: "other a b  --x\n", err: "" });
  it.project("[env]\nA = '1'\n");
  eq(it.run(path).out, "other a b  --x\n"); // the file does not say its name, so nobody was asked
  it.project("# pyt\n");
  eq(it.run(path).out, "asked\nother a b  --x\n");
  for (const text of ["[tools.pyt]\n", "a = 1\n[tools.pyt.env]\n", "[tools.pyt]", "[tools.pyt] # x\nversion = '1'"]) {
    it.project(text);
    eq(it.run(path).out, "silo run py -- a b  --x\n", text);
  }
});

Deno.test("a shim finds no program before itself, none of another shim, and none that cannot be run", () => {
  using it = place(true);
  const missing = it.run([`${it.root}/other`, `${it.root}/bin`]);
  eq(missing.code, 127);
  match(missing.err, /no other py is on PATH\n.*silo use pyt/);
  // Two homes of silo: each looks only behind itself.
  Deno.mkdirSync(`${it.root}/second`);
  Deno.copyFileSync(`${it.root}/bin/py`, `${it.root}/second/py`);
  eq(it.run([`${it.root}/bin`, `${it.root}/second`, `${it.root}/other`]).out, "other a b  --x\n");
  eq(it.run([`${it.root}/bin`, `${it.root}/second`]).code, 127);
  eq(it.run([`${it.root}/bin`, `${it.root}/second`, `${it.root}/bin`]).code, 127);
  Deno.chmodSync(`${it.root}/other/py`, 0o644);
  eq(it.run([`${it.root}/bin`, `${it.root}/other`]).code, 127);
});

Deno.test("bin/ follows the list of tools, and what is not silo's stays", async () => {
  using home = temporaryDirectory();
  const host = fakeHost({ siloHome: home.path });
  const names = () => [...Deno.readDirSync(`${home.path}/bin`)].map(({ name }) => name).sort();
  await syncShims(host, [tool("a", ["a", "b:c -d"]), tool("n", ["n"])]);
  same(names(), ["a", "b", "n"]);
  const before = Deno.statSync(`${home.path}/bin/a`).ino;
  Deno.writeTextFileSync(`${home.path}/bin/mine`, "#!/bin/sh\n");
  await syncShims(host, [tool("a", ["a"])]);
  same(names(), ["a", "mine"]);
  eq(Deno.statSync(`${home.path}/bin/a`).ino, before); // as it should be: not written again
  eq(Deno.statSync(`${home.path}/bin/a`).mode! & 0o777, 0o755);
  await syncShims(host, [tool("a", ["a"], { projectsOnly: true })]);
  match(Deno.readTextFileSync(`${home.path}/bin/a`), /claims/);
  let told = "";
  await syncShims(host, [tool("a", ["mine"])]).catch((error) => told = error.message);
  match(told, /bin\/mine is there and not silo's/);
});

Deno.test("words of `shim add` are shims, and one with arguments takes the rest", () => {
  const texts = (...words: string[]) => shimsOf(words).map(({ name, command }) => `${name}=${command}`);
  same(texts("ipython", "black", "mypy"), ["ipython=ipython", "black=black", "mypy=mypy"]);
  same(texts("ipython:python", "-m", "IPython"), ["ipython=python -m IPython"]);
  same(texts("a:b", "c"), ["a=b", "c=c"]);
  same(texts("a:b -c d"), ["a=b -c d"]);
  throws(() => shimsOf(["a:b:c"]), /neither NAME nor NAME:COMMAND/);
});

Deno.test("a shim is shadowed by a program that comes before it on PATH", () => {
  const programs = new Set(["/usr/bin/py"]);
  const shadowed = (PATH: string) => shadowedShims({ env: { PATH } }, "/b", ["py", "x"], (path) => programs.has(path));
  same(shadowed("/usr/bin:/b"), [{ name: "py", by: "/usr/bin/py" }]);
  same(shadowed("/b:/usr/bin"), []);
  eq(shadowed("/usr/bin"), undefined);
});

Deno.test("a project's version is one of those that are installed, the plain one first", () => {
  const tools = new Map(
    [tool("py", []), tool("py@3.9", [], { version: "3.9.7", rootfs: "nine" })].map((t) => [t.name, t]),
  );
  const choose = (version?: string) =>
    chooseVersion(() => tools, tools.get("py")!, [{ config: { tools: { py: { version } } } }, { config: {} }]);
  eq(choose().rootfs, "rootfs/0.ext4");
  eq(choose("3.12").rootfs, "rootfs/0.ext4");
  same([choose("3.9").rootfs, choose("3.9").name, choose("3.9.7").rootfs], ["nine", "py", "nine"]);
  throws(() => choose("3.1"), /silo\.toml asks for 3\.1, and 3\.12\.1 is installed/);
  ok(fits("3.12.1", "3.12") && !fits("3.12.1", "3.1"));
});

Deno.test("the shell of a person who names none is the one that they have", () => {
  eq(shellOf({ env: { SHELL: "/usr/bin/fish" } }, undefined), "fish");
  eq(shellOf({ env: { SHELL: "/bin/ksh" } }, undefined), "bash");
  throws(() => shellOf({ env: {} }, "zhs"), /does not know that shell/);
});

Deno.test("completions: commands, flags, tools, shims, and a tool's arguments are its own", async () => {
  using home = temporaryDirectory();
  const host = fakeHost({ siloHome: home.path });
  await changeInstalled(host, (all) => all.set("py", tool("py", ["py", "pip"])));
  const words = (...line: string[]) => candidates(host, line).map(({ word }) => word);
  ok(words("uni").includes("uninstall"));
  ok(words("").includes("pip") && words("").includes("install"));
  same(words("uninstall", ""), ["py"]);
  ok(words("install", "clau").includes("claude-code"));
  same(words("install", "--fro"), ["--from"]);
  same(words("run", "--mem"), ["--memory"]);
  same(words("run", "--memory", ""), []);
  same(words("run", "py", ""), ["py", "pip"]);
  same(words("py", "x", ""), []);
  same(words("image", "ins"), ["inspect"]);
  same(words("shim", "py", "remove", ""), ["py", "pip"]);
  ok(words("shellenv", "").includes("tcsh"));
});
