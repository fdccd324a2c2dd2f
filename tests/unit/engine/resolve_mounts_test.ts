import { deepStrictEqual as same, throws } from "node:assert/strict";
import { resolveMounts } from "../../../src/engine/resolve_mounts.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

function fixture(path: string) {
  for (const name of ["data", "data/inner", "home", "home/.silo"]) Deno.mkdirSync(`${path}/${name}`);
  Deno.writeTextFileSync(`${path}/file`, "");
  Deno.symlinkSync(`${path}/data`, `${path}/link`);
  const host = fakeHost({ home: `${path}/home`, siloHome: `${path}/home/.silo` });
  const kept = [`${path}/home/.silo`];
  return (source: string, target: string) =>
    resolveMounts([{ source: `${path}/${source}`, target }], host, kept, null)[0]!;
}

Deno.test("a mount's source is resolved once, links included", () => {
  using directory = temporaryDirectory();
  const resolve = fixture(directory.path);
  same(resolve("link/inner", "/data//x/"), {
    tag: "mount0",
    hostPath: `${directory.path}/data/inner`,
    guestPath: "/data/x",
    readOnly: false,
  });
});

Deno.test("what is not there, no directory, or holds silo's state or the home is refused", () => {
  using directory = temporaryDirectory();
  const resolve = fixture(directory.path);
  throws(() => resolve("none", "/d"), /could not mount .*none: there is no such directory/);
  throws(() => resolve("file", "/d"), /only directories/);
  throws(() => resolve("home/.silo", "/d"), /silo keeps its own programs or state/);
  throws(() => resolve("home", "/d"), /silo keeps its own programs or state/);
  throws(() => resolve("", "/d"), /silo keeps its own programs or state/);
});

Deno.test("places that belong to the sandbox itself are refused as targets", () => {
  using directory = temporaryDirectory();
  const resolve = fixture(directory.path);
  for (const target of ["/", "//", "/proc", "/proc/sys", "/etc", "/usr/bin", "/dev/x", "/a/../etc", "/a/./b"]) {
    throws(() => resolve("data", target), /could not mount on/, target);
  }
  same(resolve("data", "/etcetera").guestPath, "/etcetera");
});

Deno.test("outer mounts come before inner ones, and there are at most seven", () => {
  using directory = temporaryDirectory();
  fixture(directory.path);
  const host = fakeHost();
  const mount = (target: string) => ({ source: `${directory.path}/data`, target });
  same(resolveMounts([mount("/a/b/c"), mount("/a"), mount("/a/b")], host, [], null).map((m) => m.guestPath), [
    "/a",
    "/a/b",
    "/a/b/c",
  ]);
  throws(() => resolveMounts(Array.from({ length: 8 }, (_, i) => mount(`/m${i}`)), host, [], null), /at most 7/);
});

Deno.test("a link that a sandbox may have planted leads no mount out of what the sandbox can write", () => {
  using directory = temporaryDirectory();
  fixture(directory.path);
  const { path } = directory;
  const project = `${path}/project`;
  Deno.mkdirSync(`${project}/real/deep`, { recursive: true });
  Deno.symlinkSync("../data", `${project}/out`);
  Deno.symlinkSync("real", `${project}/in`);
  Deno.symlinkSync(project, `${path}/to-project`);
  const host = fakeHost({ home: `${path}/home`, siloHome: `${path}/home/.silo` });
  const resolve = (source: string, ...more: string[]) =>
    resolveMounts([source, ...more].map((source, i) => ({ source, target: `/m${i}` })), host, [], project)[0]!.hostPath;
  for (const source of [`${project}/out`, `${project}/./out/inner`, `${path}/to-project/out`, `${project}/in/../out`]) {
    throws(() => resolve(source), /a symbolic link leads out of/, source);
  }
  // A link inside, a way out that the person wrote, and links that no sandbox can write are all fine.
  same(resolve(`${project}/in/deep`), `${project}/real/deep`);
  same(resolve(`${project}/../data`), `${path}/data`);
  same(resolve(`${path}/link/inner`), `${path}/data/inner`);
  // Another mount that can be written is as good a place to plant a link as the project.
  Deno.symlinkSync(`${path}/home`, `${path}/data/planted`);
  throws(() => resolve(`${path}/data/planted`, `${path}/data`), /a symbolic link leads out of/);
});
