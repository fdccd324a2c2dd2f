/** An image that came from a registry runs like any other, with what it says about itself, and files stay the person's. */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { join } from "node:path/posix";
import { runProgram } from "../integration/registry/harness/packages.ts";
import { startRegistry } from "../integration/registry/harness/registry_server.ts";
import { makeProject, silo } from "./harness.ts";

const TOOL = "pulled-from-a-test";
/** Says what the process is, one JSON. */
const PROBE = "import json,os,sys;open('made','w').close();" +
  "print(json.dumps([sys.argv[1:],os.getcwd(),os.getuid(),sorted(os.getgroups()),os.environ['HOME']," +
  "os.environ['GREETING'],os.stat('made').st_uid]))";

async function done(...args: string[]): Promise<string> {
  const run = await silo(args, { limitMs: 600_000 });
  eq(run.code, 0, `silo ${args.join(" ")}: ${run.stdout}${run.stderr}`);
  return run.stdout;
}

Deno.test("python, saved, pushed to a registry and installed from there, runs as its image says", async () => {
  using work = makeProject();
  const path = (name: string) => join(work.path, name);
  await done("image", "save", "python", path("python.tar"));
  const copy = (...args: string[]) => runProgram("skopeo", ["--insecure-policy", "copy", ...args]);
  await copy(`oci-archive:${path("python.tar")}`, `oci:${path("layout")}:python`);
  await runProgram("umoci", [
    "config",
    `--image=${path("layout")}:python`,
    "--config.user=games:audio",
    "--config.workingdir=/usr/lib",
    "--config.env=GREETING=hello",
    "--config.entrypoint=python3",
    "--config.entrypoint=-c",
    `--config.entrypoint=${PROBE}`,
    "--config.cmd=from the image",
  ]);
  await using registry = await startRegistry(path("data"));
  const reference = `${registry.host}/team/python:1`;
  await copy("--dest-tls-verify=false", `oci:${path("layout")}:python`, `docker://${reference}`);
  try {
    match(
      await done("install", "--image", reference, "--name", TOOL, "--shim", `${TOOL}-py:python3`),
      new RegExp(`^Installed ${TOOL} 1: .*${TOOL}-py`),
    );
    using project = makeProject();
    const shim = await silo(["run", `${TOOL}-py`, "-c", "import sys;print(sys.version_info[0])"], {
      cwd: project.path,
    });
    eq(shim.stdout, "3\n", shim.stderr);

    // Without shims the tool's name runs what the image runs; a script has completed it.
    Deno.writeTextFileSync(path("setup.sh"), "echo done >/usr/local/setup\n");
    await done("install", TOOL, "--image", reference, "--setup", path("setup.sh"), "--memory", "1024");
    Deno.removeSync(path("setup.sh"));
    await done("install", TOOL); // again: from where it is, as it is
    const [uid, audio] = [Deno.uid()!, 29];
    const run = await silo(["run", TOOL], { cwd: project.path });
    same(
      JSON.parse(run.stdout || JSON.stringify(run.stderr)),
      [["from the image"], "/workspace", uid, [audio], uid === 0 ? "/root" : "/home/silo", "hello", uid],
    );
    eq(Deno.statSync(join(project.path, "made")).uid, uid);
    const told = await silo(["run", "--env", "GREETING=mine", TOOL, "a", "b"], { cwd: project.path });
    const [args, , , , , greeting] = JSON.parse(told.stdout || JSON.stringify(told.stderr));
    same([args, greeting], [["a", "b"], "mine"]);
    const alone = await silo(["shell", "--no-workspace", TOOL, "-c", "pwd; cat /usr/local/setup"]);
    eq(alone.stdout, "/usr/lib\ndone\n", alone.stderr);
  } finally {
    await silo(["uninstall", TOOL]);
  }
  const images = JSON.parse(await done("image", "ls", "--json")) as { reference: string; tools: string[] }[];
  ok(!images.some((image) => image.reference === reference), JSON.stringify(images));
  ok(images.some((image) => image.tools.includes("python")), JSON.stringify(images));
});
