import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import { withSafePath } from "../../../src/cli/safe_path.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

Deno.test("programs that a sandbox may have planted in the project are not on silo's PATH", async () => {
  using directory = temporaryDirectory();
  const project = `${directory.path}/app`;
  Deno.mkdirSync(`${project}/src`, { recursive: true });
  Deno.mkdirSync(`${project}/node_modules/.bin`, { recursive: true });
  Deno.writeTextFileSync(`${project}/silo.toml`, "");
  Deno.symlinkSync(`${project}/node_modules/.bin`, `${directory.path}/bin`);
  const set: string[] = [];
  const host = (PATH: string) => fakeHost({ env: { PATH, A: "b" }, cwd: () => `${project}/src` });
  const safe = async (PATH: string) => (await withSafePath(host(PATH), (path) => set.push(path))).env;
  same(await safe(`.:/usr/bin:${project}/node_modules/.bin::${directory.path}/bin:bin:${project}:/opt/app/bin`), {
    PATH: "/usr/bin:/opt/app/bin",
    A: "b",
  });
  same(set, ["/usr/bin:/opt/app/bin"]);
  const clean = host("/usr/bin:/no/such");
  eq(await withSafePath(clean), clean);
});

Deno.test("in the home directory, which is never shared, its own programs stay on PATH", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({
    home: directory.path,
    cwd: () => directory.path,
    env: { PATH: `${directory.path}/.local/bin` },
  });
  eq(await withSafePath(host), host);

  // A project in it is shared as far up as its silo.toml, wherever in it we are.
  const app = `${directory.path}/app`;
  for (const name of ["src/deep", "bin"]) Deno.mkdirSync(`${app}/${name}`, { recursive: true });
  Deno.writeTextFileSync(`${app}/silo.toml`, "");
  const inside = fakeHost({
    home: directory.path,
    cwd: () => `${app}/src/deep`,
    env: { PATH: `${app}/bin:${directory.path}/.local/bin:/usr/bin:${app}/no/such` },
  });
  eq((await withSafePath(inside, () => {})).env.PATH, `${directory.path}/.local/bin:/usr/bin`);

  const gone = fakeHost({
    cwd: () => {
      throw new Error("gone");
    },
  });
  eq(await withSafePath(gone), gone);
});
