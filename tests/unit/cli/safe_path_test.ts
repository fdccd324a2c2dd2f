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
  const gone = fakeHost({
    cwd: () => {
      throw new Error("gone");
    },
  });
  eq(await withSafePath(gone), gone);
});
