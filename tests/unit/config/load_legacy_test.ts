import { deepStrictEqual as same, match, rejects, strictEqual as eq } from "node:assert/strict";
import { readSources } from "../../../src/config/layers.ts";
import { findProject } from "../../../src/config/project.ts";
import { SiloError } from "../../../src/errors.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

/** A project of those files, and what of it counts. */
async function sourcesOf(files: Record<string, string>, times = 1) {
  using directory = temporaryDirectory();
  const root = `${directory.path}/app`;
  const host = { ...fakeHost(), siloHome: `${directory.path}/home` };
  Deno.mkdirSync(`${root}/.git`, { recursive: true });
  Deno.mkdirSync(host.siloHome);
  for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(`${root}/${name}`, text);
  for (let i = 1; i < times; i++) await readSources(host, findProject(root));
  const { sources, claims, notices } = await readSources(host, findProject(root));
  return { sources, claims, notices, root };
}

const YAML = "env:\n  - TOKEN\n  - DEBUG=1\nmemory: 512\ncolour: red\n";

Deno.test("a legacy file counts where there is no silo.toml, asks for consent, and says so once", async () => {
  const { sources, claims, notices, root } = await sourcesOf({ ".siloconf": YAML });
  same(sources.map(({ origin, config }) => [origin, config]), [
    [`${root}/.siloconf`, { passEnv: ["TOKEN"], env: { DEBUG: "1" }, resources: { memoryMB: 512 } }],
  ]);
  same(claims.map(({ key, reach }) => [key, reach.grants.length > 0]), [[`${root}/.siloconf`, true]]);
  eq(notices.length, 1);
  match(notices[0]!, /\.siloconf .*without colour.*silo config migrate/);
  same((await sourcesOf({ ".siloconf": YAML }, 2)).notices, []);
});

Deno.test("beside a silo.toml it is not read, and JSON with comments will do as well", async () => {
  const beside = await sourcesOf({ ".siloconf": "{ not yaml", "silo.toml": 'env = { A = "1" }\n' });
  same(structuredClone(beside.sources.map(({ config }) => config)), [{ env: { A: "1" } }]);
  same(beside.notices, []);
  const jsonc = await sourcesOf({ "silo.jsonc": '{ "cpus": 2, /* old */ }' });
  same(jsonc.sources.map(({ config }) => config), [{ resources: { cpus: 2 } }]);
});

Deno.test("a legacy file that is wrong is named, with what is wrong", async () => {
  const refused = (files: Record<string, string>, pattern: RegExp) =>
    rejects(sourcesOf(files), (error) => {
      match((error as SiloError).message, pattern);
      return true;
    });
  await refused({ ".siloconf": "a: [1\n" }, /could not use the configuration: .*\.siloconf: /);
  await refused({ ".siloconf": "memory: much\n" }, /\.siloconf: resources\.memoryMB: /);
});
