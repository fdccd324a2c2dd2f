import { deepStrictEqual as same, match, ok } from "node:assert/strict";
import { comparePrints, plantedWarning, RUN_BY_THE_HOST, takePrints } from "../../../src/engine/planted.ts";
import { temporaryDirectory } from "../support.ts";

Deno.test("what the host runs on its own is noticed when it is made, changed, replaced with the old times, or deleted", () => {
  using directory = temporaryDirectory();
  const at = directory.path;
  const write = (name: string, text: string) => {
    Deno.mkdirSync(`${at}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${at}/${name}`, text);
  };
  for (const name of [".git/config", ".git/hooks/pre-push", ".vscode/tasks.json", ".envrc", "app.py"]) write(name, "1");
  const look = () => takePrints([{ root: at, paths: RUN_BY_THE_HOST }]);
  const before = look();
  same(comparePrints(before, look()), []);

  write("app.py", "2");
  write(".git/index", "2");
  write(".git/hooks/pre-commit", "evil");
  Deno.removeSync(`${at}/.envrc`);
  const { mtime, atime } = Deno.statSync(`${at}/.git/config`);
  // The kernel's clock for files ticks slowly.
  const ctime = () => Deno.lstatSync(`${at}/.git/config`).ctime!.getTime();
  for (const start = ctime(), end = Date.now() + 5_000; ctime() === start && Date.now() < end;) {
    write(".git/config", "2");
    Deno.utimeSync(`${at}/.git/config`, atime!, mtime!);
  }
  Deno.symlinkSync("/etc/passwd", `${at}/.mcp.json`);

  const found = comparePrints(before, look());
  same(found.map(({ path, how }) => `${how} ${path.slice(at.length + 1)}`), [
    "deleted .envrc",
    "changed .git/config",
    "created .git/hooks/pre-commit",
    "created .mcp.json",
  ]);
  const [first, ...lines] = plantedWarning(found, at);
  match(first!, /look at them first/);
  ok(lines.includes("  created .git/hooks/pre-commit"));
  same(plantedWarning([], at), []);
});

Deno.test("no link leads the look elsewhere, and a directory of many files is looked at in part", () => {
  using directory = temporaryDirectory();
  Deno.symlinkSync("/usr/bin", `${directory.path}/.vscode`);
  Deno.mkdirSync(`${directory.path}/.idea`);
  for (let i = 0; i < 1_200; i++) Deno.writeTextFileSync(`${directory.path}/.idea/${i}`, "");
  const prints = takePrints([{ root: directory.path, paths: RUN_BY_THE_HOST }]);
  ok(prints.has(`${directory.path}/.vscode`));
  same(prints.size, 1_001);
});

Deno.test("whatever else is in a project, what the host runs of it is found", () => {
  const others = {
    "so many files that nobody lists them": Array.from({ length: 1_200 }, (_, i) => `${i}.txt`),
    "a name in letters that some file systems take for others": ["\u212aelvin"],
  };
  for (const [what, names] of Object.entries(others)) {
    using directory = temporaryDirectory();
    for (const name of [...names, ".envrc"]) Deno.writeTextFileSync(`${directory.path}/${name}`, "");
    const prints = takePrints([{ root: directory.path, paths: RUN_BY_THE_HOST }]);
    same([...prints.keys()], [`${directory.path}/.envrc`], what);
  }
  using directory = temporaryDirectory();
  Deno.writeTextFileSync(`${directory.path}/.envrc`, "");
  Deno.chmodSync(directory.path, 0o300);
  const prints = takePrints([{ root: directory.path, paths: RUN_BY_THE_HOST }]);
  Deno.chmodSync(directory.path, 0o700);
  same(prints.size, 1, "a directory that cannot be listed");
});
