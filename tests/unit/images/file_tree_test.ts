/** What layers add up to. */
import { deepStrictEqual as same, strictEqual as eq, throws } from "node:assert/strict";
import fc from "fast-check";
import { FileTree } from "../../../src/images/file_tree.ts";
import { type TarEntry, TarError } from "../../../src/images/tar_entry.ts";
import { directory, entry } from "./entries.ts";

function build(...layers: TarEntry[][]): FileTree {
  const tree = new FileTree();
  for (const [layer, entries] of layers.entries()) entries.forEach((one, index) => tree.apply(one, layer, index));
  return tree;
}
const names = (tree: FileTree) => [...tree.files().values()].flat().sort();
const directories = (tree: FileTree) => [...tree.directories()].map(({ path }) => path);
const f = (path: string) => entry({ path });
const wh = (path: string) => entry({ path: path.replace(/([^/]+)$/, ".wh.$1") });

Deno.test("a whiteout hides what lower layers have, and nothing of its own layer", () => {
  same(names(build([f("a"), f("b")], [wh("a")])), ["b"]);
  same(names(build([f("a")], [wh("a"), f("a")])), ["a"]);
  same(names(build([f("a")], [f("a"), wh("a")])), ["a"]);
  same(names(build([f("d/x"), f("d/y")], [wh("d")])), []);
  same(names(build([f("d/x")], [wh("d")], [f("d/z")])), ["d/z"]);
  same(names(build([f("a")], [wh("missing"), wh("no/such/place")])), ["a"]);
});

Deno.test("an opaque directory hides its lower content, whatever the order in its layer", () => {
  const opaque = f("d/.wh..wh..opq");
  same(names(build([f("d/x"), f("d/e/y")], [opaque, f("d/new")])), ["d/new"]);
  same(names(build([f("d/x"), f("d/e/y")], [f("d/new"), opaque])), ["d/new"]);
  same(names(build([f("d/e/x")], [f("d/e/new"), opaque])), ["d/e/new"]);
});

Deno.test("whiteouts count by their name, also when they are shipped as hard links", () => {
  const asLink = entry({ path: "d/.wh.x", kind: "hardlink", link: "d/.wh.y" });
  same(names(build([f("d/x"), f("d/z")], [asLink])), ["d/z"]);
});

Deno.test("AUFS's own files and whiteouts of nothing", () => {
  same(names(build([f("a")], [f(".wh..wh.plnk"), f(".wh..wh.aufs")])), ["a"]);
  throws(() => build([f("a")], [f(".wh.")]), TarError);
  throws(() => build([f("a")], [f(".wh...")]), TarError);
  throws(() => build([f(".wh.a/b")]), TarError);
});

Deno.test("nothing is written through a link or a file", () => {
  const link = entry({ path: "l", kind: "symlink", link: "/etc" });
  throws(() => build([link, f("l/passwd")]), TarError);
  throws(() => build([link], [f("l/passwd")]), TarError);
  throws(() => build([f("a")], [f("a/b")]), TarError);
  // The directory that a layer itself brings takes the link's place.
  same(names(build([link], [directory("l"), f("l/passwd")])), ["l/passwd"]);
});

Deno.test("a directory over a directory changes its metadata and keeps its content; a file replaces all of it", () => {
  const tree = build([directory("d"), f("d/x")], [directory("d", { mode: 0o700 })]);
  same(names(tree), ["d/x"]);
  eq([...tree.directories()].find(({ path }) => path === "d")!.inode.entry.mode, 0o700);
  same(names(build([f("d/x")], [f("d")])), ["d"]);
});

Deno.test("hard links share an inode, and keep it when the first name goes", () => {
  const link = entry({ path: "b", kind: "hardlink", link: "a" });
  const tree = build([f("a"), link], [wh("a")]);
  same([...tree.files().values()], [["b"]]);
  same([...build([f("a"), link]).files().values()], [["a", "b"]]);
  throws(() => build([link]), TarError);
  throws(() => build([directory("a"), link]), TarError);
});

Deno.test("directories come after the ones they lie in", async () => {
  const part = fc.constantFrom("a", "b", "c", ".wh.a", ".wh..wh..opq");
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const one = fc.oneof(path.map(f), path.map((p) => directory(p)));
  await fc.assert(fc.property(fc.array(fc.array(one, { maxLength: 10 }), { maxLength: 4 }), (layers) => {
    let tree: FileTree;
    try {
      tree = build(...layers);
    } catch (error) {
      if (error instanceof TarError) return;
      throw error;
    }
    const seen = new Set<string>();
    for (const path of directories(tree)) {
      if (path !== "") eq(seen.has(path.slice(0, Math.max(path.lastIndexOf("/"), 0))), true);
      seen.add(path);
    }
    for (const path of names(tree)) {
      eq(seen.has(path.slice(0, Math.max(path.lastIndexOf("/"), 0))), true);
      eq(path.includes(".wh."), false);
    }
  }));
});
