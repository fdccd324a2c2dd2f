import { deepStrictEqual as same, throws } from "node:assert/strict";
import { assertShareable, contains, findProject } from "../../../src/config/project.ts";
import { fakeHost } from "../support.ts";

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
