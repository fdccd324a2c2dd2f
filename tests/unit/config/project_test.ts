import { deepStrictEqual as same, throws } from "node:assert/strict";
import { assertOwnProject, assertShareable, findProject } from "../../../src/config/project.ts";
import { contains } from "../../../src/paths.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const find = (cwd: string, ...files: string[]) => findProject(cwd, (path) => files.includes(path));

Deno.test("the project is the nearest parent with a silo.toml, else the working directory", () => {
  same(find("/a/b/c", "/a/silo.toml"), { root: "/a", inside: "b/c", configPath: "/a/silo.toml" });
  same(find("/a/b", "/a/silo.toml", "/a/b/silo.toml"), { root: "/a/b", inside: "", configPath: "/a/b/silo.toml" });
  same(find("/a/b"), { root: "/a/b", inside: "", configPath: undefined });
  same(find("/", "/silo.toml"), { root: "/", inside: "", configPath: "/silo.toml" });
});

Deno.test("the home, the root, and whatever holds silo's state is not shared", () => {
  const host = fakeHost({ home: "/home/me" });
  const share = (path: string) => assertShareable(path, "as the project", host, ["/home/me/.silo", "/run/me/silo"]);
  throws(() => share("/"), /whole file system/);
  throws(() => share("/home"), /silo keeps its own programs or state/);
  throws(() => share("/home/me"), /silo keeps its own programs or state/);
  throws(() => share("/home/me/.silo/rootfs"), /belongs to silo's own programs or state/);
  throws(() => share("/run/me"), /silo keeps its own programs or state/);
  throws(() => assertShareable("/home/me", "as the project", host, []), /your home directory/);
  throws(() => assertShareable("/home", "as the project", host, []), /your home directory/);
  share("/home/me/app");
  share("/home/me/.silo-app");
  share("/srv");
});

Deno.test("contains() goes by whole names", () => {
  same([
    contains("/a", "/a"),
    contains("/a", "/a/b"),
    contains("/", "/a"),
    contains("/a", "/ab"),
    contains("/a/b", "/a"),
  ], [
    true,
    true,
    true,
    false,
    false,
  ]);
});

Deno.test("a silo.toml of somebody else in a parent directory does not widen what is shared", () => {
  using directory = temporaryDirectory();
  const configPath = `${directory.path}/silo.toml`;
  Deno.writeTextFileSync(configPath, "");
  const owner = Deno.lstatSync(configPath).uid!;
  const project = { root: directory.path, inside: "deep", configPath };
  assertOwnProject(project, { uid: owner });
  assertOwnProject({ ...project, inside: "" }, { uid: owner + 1 });
  if (owner !== 0) throws(() => assertOwnProject(project, { uid: owner + 1 }), /belongs to another user/);
  else {
    Deno.chownSync(configPath, 12345, 12345);
    throws(() => assertOwnProject(project, { uid: 0 }), /belongs to another user \(uid 12345\)/);
  }
});
