import { deepStrictEqual as same, strictEqual as eq, throws } from "node:assert/strict";
import { findVenv } from "../../../src/engine/venv.ts";
import { withHooks } from "../../../src/engine/hooks.ts";
import { resolveFiles } from "../../../src/engine/resolve_files.ts";
import { stageFiles } from "../../../src/engine/stage_files.ts";
import { type LookUp, planWorkspace } from "../../../src/engine/workspace.ts";
import { temporaryDirectory } from "../support.ts";

const project = { root: "/home/me/app", inside: "src" };
const there = (...links: string[]): LookUp => (path) => links.includes(path) ? "link" : "directory";

Deno.test("the project is at /workspace, or where it is on the host", () => {
  const { mount, directory } = planWorkspace(project, {}, there());
  same(mount, { tag: "workspace", hostPath: "/home/me/app", guestPath: "/workspace", readOnly: false });
  eq(directory, "/workspace/src");
  const same_ = planWorkspace(project, { mode: "same-path", readonly: true }, there());
  same([same_.mount.guestPath, same_.directory, same_.mount.readOnly], ["/home/me/app", "/home/me/app/src", true]);
  throws(() => planWorkspace({ root: "/usr/src/app", inside: "" }, { mode: "same-path" }, there()), /sandbox's own/);
});

Deno.test("what is hidden is hidden where the project is seen; a link on the way is refused", () => {
  same(planWorkspace(project, { exclude: ["keys/", "a/b"] }, there()).covered, ["/workspace/keys", "/workspace/a/b"]);
  throws(() => planWorkspace(project, { exclude: ["a/b"] }, there("/home/me/app/a")), /symbolic link/);
  throws(() => planWorkspace(project, { exclude: ["a/b"] }, there("/home/me/app/a/b")), /symbolic link/);
  const nothing = () => "nothing" as const;
  same(planWorkspace(project, { exclude: ["new"] }, nothing).covered, ["/workspace/new"]);
  same(planWorkspace(project, { exclude: ["new"], readonly: true }, nothing).covered, []);
});

Deno.test("a virtual environment counts for pythons, .venv before venv", () => {
  const has = (...files: string[]) => (path: string) => files.includes(path);
  const python = [{ name: "pip" }, { name: "python3" }];
  eq(findVenv("/p", python, has("/p/venv/pyvenv.cfg", "/p/.venv/pyvenv.cfg")), ".venv");
  eq(findVenv("/p", python, has("/p/venv/pyvenv.cfg")), "venv");
  eq(findVenv("/p", python, has()), undefined);
  eq(findVenv("/p", [{ name: "node" }], has("/p/.venv/pyvenv.cfg")), undefined);
});

Deno.test("hooks run in order before the tool, which gets its arguments and what they exported", async () => {
  same(withHooks(["a", "b"], []), ["a", "b"]);
  const run = async (...hooks: string[]) => {
    const [program, ...args] = withHooks(["printf", "%s|", "two words", "$X"], hooks) as string[];
    const { code, stdout } = await new Deno.Command(program!, { args }).output();
    return [code, new TextDecoder().decode(stdout)];
  };
  same(await run("export X=1 # why", "printf '%s;' $X"), [0, "1;two words|$X|"]);
  same(await run("(exit 7)", "echo never"), [7, ""]);
});

Deno.test("files to pass are looked up as they are: no directory, no link out of what a sandbox writes, nothing of silo's", () => {
  using directory = temporaryDirectory();
  const at = directory.path;
  Deno.mkdirSync(`${at}/project`);
  Deno.mkdirSync(`${at}/silo`);
  Deno.writeTextFileSync(`${at}/npmrc`, "token");
  Deno.writeTextFileSync(`${at}/silo/secret`, "");
  Deno.symlinkSync(`${at}/npmrc`, `${at}/project/planted`);
  Deno.symlinkSync(`${at}/npmrc`, `${at}/link`);
  const resolve = (source: string, target = "~/.npmrc") =>
    resolveFiles([{ source: `${at}/${source}`, target }], {
      kept: [`${at}/silo`],
      writable: [`${at}/project`],
      workspace: "/workspace",
      guestHome: "/home/silo",
    });
  same(resolve("npmrc"), [{ hostPath: `${at}/npmrc`, guestPath: "/home/silo/.npmrc" }]);
  same(resolve("link", "/etc/npmrc"), [{ hostPath: `${at}/npmrc`, guestPath: "/etc/npmrc" }]);
  same(resolve("gone"), []);
  throws(() => resolve("project"), /it is a directory/);
  throws(() => resolve("project/planted"), /symbolic link leads out/);
  throws(() => resolve("silo/secret"), /silo's own/);
  throws(() => resolve("npmrc", "/workspace/x"), /the project is no place/);
  throws(() => resolve("npmrc", "/proc/x"), /sandbox's own system/);
  throws(() => resolve("npmrc", "/a/../proc/x"), /contains \. or \.\./);
});

Deno.test("passed files are copies that nobody can write, under names that say nothing", () => {
  using directory = temporaryDirectory();
  Deno.writeTextFileSync(`${directory.path}/npmrc`, "token", { mode: 0o666 });
  const staged = stageFiles([{ hostPath: `${directory.path}/npmrc`, guestPath: "/home/silo/.npmrc" }], directory.path)!;
  same(staged.files, [{ name: "0", guestPath: "/home/silo/.npmrc" }]);
  eq(Deno.readTextFileSync(`${staged.hostPath}/0`), "token");
  eq(Deno.statSync(`${staged.hostPath}/0`).mode! & 0o777, 0o400);
  eq(stageFiles([], directory.path), undefined);
});
