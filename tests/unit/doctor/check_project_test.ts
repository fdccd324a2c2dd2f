import { deepStrictEqual as same, match } from "node:assert/strict";
import { checkProject } from "../../../src/doctor/check_project.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

/** A home and a project; what the check finds there, without what is as it should be. */
function place(directory: string) {
  for (const name of ["home", "home/.silo", "home/.silo/registry", "project"]) Deno.mkdirSync(`${directory}/${name}`);
  const host = fakeHost({
    home: `${directory}/home`,
    siloHome: `${directory}/home/.silo`,
    cwd: () => `${directory}/project`,
  });
  const write = (file: string, text: string) => Deno.writeTextFileSync(`${directory}/${file}`, text);
  write(
    "home/.silo/config.toml",
    '[tools.python]\nversion = "3.13.5"\nsource = "debian"\nimage = "sha256:0"\nrootfs = "rootfs/0.ext4"\n' +
      'environment = []\ninstalledAt = "2026-01-01T00:00:00.000Z"\nshims = ["python"]\n',
  );
  const wrong = async (changed = host) => {
    const findings = (await checkProject(changed)).filter(({ status }) => status !== "ok");
    return findings.map(({ name, status, detail, fix }) => `${status} ${name}: ${detail} (${fix})`);
  };
  return { host, write, wrong };
}

Deno.test("a project as it should be has nothing to mend", async () => {
  using directory = temporaryDirectory();
  const { host, write, wrong } = place(directory.path);
  same(await wrong(), []);
  write("project/silo.toml", '[tools.python]\nversion = "3.13"\n[env]\nA = "1"\n');
  same(await wrong(), []);
  same((await checkProject(host)).map(({ name, detail }) => [name, detail]), [
    ["project", `${directory.path}/project`],
    ["settings", `${directory.path}/project/silo.toml`],
  ]);
});

Deno.test("settings that are wrong stop every run; what waits for consent or is not installed is told", async () => {
  using directory = temporaryDirectory();
  const { write, wrong } = place(directory.path);
  write("project/silo.toml", "[nework]\n");
  match((await wrong())[0]!, /^fail settings: .*silo\.toml:1:2: .*did you mean "network".*\(silo config edit\)$/);
  write("project/silo.toml", 'network.allow = ["example.com"]\n[tools.python]\nversion = "3.12"\n[tools.node]\n');
  same(await wrong(), [
    `note consent: ${directory.path}/project/silo.toml opens more to the sandbox than was accepted (silo trust)`,
    "note python: 3.12 is what silo.toml asks for, and not installed (silo sync)",
  ]);
});

Deno.test("a directory that is never shared, and a person's definition that is wrong, are told with what to do", async () => {
  using directory = temporaryDirectory();
  const { host, write, wrong } = place(directory.path);
  const [home] = await wrong({ ...host, cwd: () => host.home });
  match(home!, /^note project: could not share .*\/home .* \(Change to a directory of its own/);
  write("home/.silo/registry/python.toml", "image = 1\n");
  match((await wrong())[0]!, /^fail python: .*registry\/python\.toml.*\(mend the file/);
});
