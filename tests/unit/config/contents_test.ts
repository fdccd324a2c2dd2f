/** Consent covers what the steps of a build run of the project, not only how they are written. */
import { deepStrictEqual as same, rejects, strictEqual as eq, throws } from "node:assert/strict";
import { recipeOf } from "../../../src/bakes/recipe.ts";
import { recordSteps } from "../../../src/bakes/record.ts";
import { programsOf } from "../../../src/bakes/step_programs.ts";
import type { ConfigFile, StepSetting } from "../../../src/config/config.ts";
import { readReach } from "../../../src/config/contents.ts";
import { describeWidened, NO_REACH, reachOf, widened } from "../../../src/config/reach.ts";
import { accept, acceptEdit, acceptedReach, type AskTrust, requireTrust } from "../../../src/config/trust.ts";
import type { InstalledTool } from "../../../src/tools/installed.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const never: AskTrust = () => Promise.reject(new Error("asked"));

function project(steps: readonly StepSetting[]) {
  const directory = temporaryDirectory();
  const home = temporaryDirectory();
  const config: ConfigFile = { tools: { python: { post_install: steps } } };
  const host = fakeHost({ siloHome: home.path });
  const key = `${directory.path}/silo.toml`;
  const claim = async () => ({ key, shown: key, ...await readReach(config, directory.path) });
  const write = (name: string, text: string) => Deno.writeTextFileSync(`${directory.path}/${name}`, text);
  const pending = async () => {
    const accepted = await acceptedReach(host, key) ?? NO_REACH;
    return describeWidened(widened(accepted, (await claim()).reach), accepted);
  };
  return {
    path: directory.path,
    config,
    host,
    key,
    claim,
    write,
    pending,
    [Symbol.dispose]: () => [directory, home].forEach((it) => it[Symbol.dispose]()),
  };
}

Deno.test("a script that has changed is asked about again, and says that it is only that", async () => {
  using it = project([{ script: "setup.sh", inputs: ["more.py", "data.txt"] }]);
  for (const name of ["setup.sh", "more.py", "data.txt"]) it.write(name, "1");
  same(await it.pending(), ["is built with: the script setup.sh (python)"]);
  await accept(it.host, await it.claim());
  await requireTrust(it.host, await it.claim(), never);
  it.write("data.txt", "2");
  same(await it.pending(), [], "data is data");
  for (const name of ["setup.sh", "more.py"]) {
    it.write(name, "2");
    same(await it.pending(), ["is built with: the script setup.sh, whose files have changed (python)"]);
    await rejects(requireTrust(it.host, await it.claim(), undefined), /has not been accepted/);
    it.write(name, "1");
    same(await it.pending(), [], "what was accepted is that again");
  }
});

Deno.test("what a command runs is covered by its name or its first line; lock files are not", async () => {
  using it = project(["sh ./setup.sh", "tool run", "npm ci", "echo none", { run: "x", inputs: ["tool"] }]);
  it.write("setup.sh", "1");
  it.write("tool", "#!/bin/sh\n");
  it.write("package.json", "{}");
  const steps = it.config.tools!.python!.post_install!;
  same([...programsOf(steps, it.path).keys()], [steps[0], steps[1], steps[4]].map((step) => JSON.stringify(step)));
  await accept(it.host, await it.claim());
  it.write("package.json", "{ }");
  same(await it.pending(), []);
  it.write("tool", "#!/bin/sh\nevil\n");
  same(await it.pending(), ["tool run", "x"].map((run) => `is built with: ${run}, whose files have changed (python)`));
});

Deno.test("what was accepted before contents were covered is asked about once", async () => {
  using it = project([{ script: "setup.sh" }]);
  it.write("setup.sh", "1");
  await accept(it.host, { key: it.key, shown: it.key, reach: reachOf(it.config) });
  same(await it.pending(), ["is built with: the script setup.sh, whose files have changed (python)"]);
});

Deno.test("a person's own edit does not accept a script that somebody else changed", async () => {
  using it = project([{ script: "setup.sh" }]);
  it.write("setup.sh", "1");
  await accept(it.host, await it.claim());
  it.write("setup.sh", "evil");
  await acceptEdit(it.host, it.key, it.config, { ...it.config, passEnv: ["CI"] });
  eq((await it.pending()).length, 1);
  eq(JSON.stringify(await acceptedReach(it.host, it.key)).includes("CI"), true);
});

Deno.test("a file that is not there, or leads out of the project, has no content: building tells why", async () => {
  using it = project([{ script: "gone.sh" }, { script: "link.sh" }]);
  Deno.symlinkSync("/etc/passwd", `${it.path}/link.sh`);
  eq(programsOf(it.config.tools!.python!.post_install!, it.path).size, 0);
  same((await it.pending()).length, 2);
});

Deno.test("a build is held to the bytes that were asked about", async () => {
  using it = project([{ script: "setup.sh" }]);
  it.write("setup.sh", "1");
  const { programs } = await it.claim();
  const tool = { name: "python", rootfs: "rootfs/0.ext4" } as InstalledTool;
  const recipe = () => recipeOf(tool, {}, [{ config: it.config, directory: it.path, programs }]);
  eq(recipe().steps.length, 1);
  it.write("setup.sh", "evil");
  throws(recipe, /could not build with the script setup\.sh: what it runs was changed while you were asked/);
});

Deno.test("what another sandbox makes of a script while it is built is not accepted with the build", async () => {
  using it = project([{ script: "old.sh" }]);
  it.write("old.sh", "1");
  it.write("setup.sh", "1");
  Deno.writeTextFileSync(it.key, '[tools.python]\npost_install = [{ script = "old.sh" }]\n');
  await accept(it.host, await it.claim());
  const steps = [{ script: "old.sh" }, { script: "setup.sh" }];
  const config: ConfigFile = { tools: { python: { post_install: steps } } };
  const { programs } = await it.claim();
  const tool = { name: "python", rootfs: "rootfs/0.ext4" } as InstalledTool;
  const built = recipeOf(tool, {}, [{ config, directory: it.path, programs }]).programs;

  for (const name of ["old.sh", "setup.sh"]) it.write(name, "evil");
  await recordSteps({ ...it.host, cwd: () => it.path }, "project", "python", steps, built);

  const accepted = (await acceptedReach(it.host, it.key))!;
  const pending = async () => describeWidened(widened(accepted, (await readReach(config, it.path)).reach), accepted);
  same(
    await pending(),
    steps.map(({ script }) => `is built with: the script ${script}, whose files have changed (python)`),
  );
  for (const name of ["old.sh", "setup.sh"]) it.write(name, "1");
  same(await pending(), [], "what was built is accepted");
});
