/** The way of an image through the real command line: registry, tool, list, archive, and away again. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { borrowMachine, silo } from "./harness/cli.ts";
import { makeImage, noise, pushImage } from "./harness/images.ts";
import { runProgram } from "./harness/packages.ts";
import { type RegistryServer, startRegistry } from "./harness/registry_server.ts";
import { temporaryDirectory } from "./harness/setup.ts";

const files = temporaryDirectory();
addEventListener("unload", () => files[Symbol.dispose]());
const layout = `${files.path}/layout`;
await makeImage(layout, "greeter", [
  {
    write: {
      "bin/greet": "#!/bin/sh\necho hello\n",
      "etc/passwd": "root:x:0:0::/:/bin/sh\napp:x:4000:4001::/srv:/bin/sh\n",
      "etc/group": "root:x:0:\nfiles:x:4001:\nextra:x:4002:app\n",
      "var/data": noise(3_000_000, 1),
    },
  },
  { write: { "var/more": noise(500_000, 2) }, remove: ["var/data"] },
], [
  "--config.env=GREETING=hello",
  "--config.entrypoint=/bin/greet",
  "--config.cmd=--loud",
  "--config.user=app",
  "--config.workingdir=/srv/work",
]);
await makeImage(layout, "other", [{ write: { "etc/other": "1" } }]);

async function withRegistry(test: (registry: RegistryServer, home: string) => Promise<void>): Promise<void> {
  using home = temporaryDirectory();
  borrowMachine(home.path);
  await using registry = await startRegistry(`${files.path}/data`);
  await pushImage(layout, "greeter", `${registry.host}/team/greeter:1`);
  await test(registry, home.path);
}

/** Runs silo, which must succeed, and returns its stdout. */
async function done(home: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await silo(home, args);
  equal(code, 0, `silo ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

const blobsOf = (home: string) => [...Deno.readDirSync(`${home}/images/blobs/sha256`)].map(({ name }) => name);
const rootfsOf = (home: string) =>
  [...Deno.readDirSync(`${home}/rootfs`)].map(({ name }) => name).filter((name) => name.endsWith(".ext4"));

Deno.test("install --image, ls, inspect, save, rm, gc: an image comes, is used, is handed on and goes", async () => {
  await withRegistry(async (registry, home) => {
    const reference = `${registry.host}/team/greeter:1`;
    const told = await done(home, "install", "--image", reference, "--name", "hi", "--shim", "greet,shout:/bin/greet");
    match(told, /^Installed hi 1: silo hi … \(greet, shout\)\n$/);

    const [tool] = JSON.parse(await done(home, "list", "--json"));
    deepEqual([tool.name, tool.source, tool.shims], ["hi", reference, ["greet", "shout"]]);
    deepEqual(tool.process, {
      entrypoint: ["/bin/greet"],
      command: ["--loud"],
      directory: "/srv/work",
      groups: [4001, 4002],
    });
    ok(tool.environment.includes("GREETING=hello"));

    const [image, ...others] = JSON.parse(await done(home, "image", "ls", "--json"));
    deepEqual(others, []);
    deepEqual([image.reference, image.digest, image.tools], [reference, tool.image, ["hi"]]);
    match(await done(home, "image", "ls"), new RegExp(`${reference} +[0-9a-f]{12} +[0-9.]+ MB +linux/amd64 +hi\n`));

    const facts = JSON.parse(await done(home, "image", "inspect", "--json", reference));
    deepEqual([facts.user, facts.layers.length, facts.tools], ["app", 2, ["hi"]]);
    for (const word of ["hi", tool.image, tool.image.slice(7, 19)]) {
      equal(JSON.parse(await done(home, "image", "inspect", "--json", word)).digest, tool.image, word);
    }
    match(await done(home, "image", "inspect", "hi"), /Entrypoint +"\/bin\/greet"\n/);

    match(await done(home, "image", "save", "hi", "hi.tar"), /^Saved .* as .*\/hi\.tar \(.* MB\)\n$/);
    const digest = await runProgram("skopeo", ["inspect", "--format", "{{.Digest}}", `oci-archive:${home}/hi.tar`]);
    equal(digest.trim(), tool.image);

    const refused = await silo(home, ["image", "rm", reference]);
    equal(refused.code, 125);
    match(refused.stderr, /hi is installed from it[^]*silo uninstall hi/);

    // What a killed install leaves; and the same again by force.
    Deno.writeTextFileSync(`${home}/rootfs/.${tool.image.slice(7)}.ext4.tmp-1.tar`, "left");
    match(await done(home, "image", "gc"), /0 blobs, 0 root file systems and 1 leftovers/);
    const before = Deno.statSync(`${home}/${tool.rootfs}`).ino;
    await done(home, "install", "hi", "--force");
    ok(Deno.statSync(`${home}/${tool.rootfs}`).ino !== before);
    deepEqual(JSON.parse(await done(home, "list", "--json"))[0].shims, ["greet", "shout"]);

    // A second tool of the same image; the first one's end leaves it what it needs.
    await done(home, "install", "--image", "oci-archive:hi.tar", "--name", "again");
    await done(home, "uninstall", "hi");
    equal(rootfsOf(home).length, 1);
    ok(blobsOf(home).length >= 4);
    await done(home, "image", "gc");
    equal(JSON.parse(await done(home, "image", "inspect", "--json", "again")).digest, tool.image);
    await done(home, "uninstall", "--keep-image", "again");
    deepEqual(JSON.parse(await done(home, "list", "--json")), []);
    const kept = JSON.parse(await done(home, "image", "ls", "--json"));
    deepEqual([kept[0].digest, kept[0].tools], [tool.image, []]);
    await done(home, "install", "again", "--image", "oci-archive:hi.tar");
    await done(home, "uninstall", "again");
    deepEqual([blobsOf(home), rootfsOf(home)], [[], []]);
    equal(await done(home, "image", "gc"), "There is no garbage.\n");
  });
});

Deno.test("image gc drops what no tool has; image rm drops one image; a dry run only tells", async () => {
  await withRegistry(async (registry, home) => {
    const reference = `${registry.host}/team/greeter:1`;
    await done(home, "install", "--image", reference);
    // What is left when a tool goes while its image's name stays: an image that nothing needs.
    Deno.renameSync(`${home}/config.toml`, `${home}/config.saved`);
    const told = JSON.parse(await done(home, "image", "gc", "--dry-run", "--json"));
    deepEqual([told.dryRun, told.names, told.blobs.length, told.rootfs.length], [true, [reference], 4, 1]);
    match(await done(home, "image", "gc", "--dry-run"), /^Would remove the image .*\nWould remove 4 blobs, 1 root/);
    equal(blobsOf(home).length, 4);
    match(await done(home, "image", "rm", reference), /^Removed .*greeter:1\nFreed [0-9.]+ MB\n$/);
    deepEqual([blobsOf(home), rootfsOf(home)], [[], []]);

    // And the tool can be repaired from where it came.
    Deno.renameSync(`${home}/config.saved`, `${home}/config.toml`);
    match(
      (await silo(home, ["run", "--no-workspace", "greeter"])).stderr,
      /root file system is missing[^]*silo install greeter/,
    );
    await done(home, "install", "greeter");
    equal(blobsOf(home).length, 4);
  });
});

Deno.test("images in files are installed under the name of the file", async () => {
  await withRegistry(async (_registry, home) => {
    await runProgram("skopeo", [
      "--insecure-policy",
      "copy",
      `oci:${layout}:other`,
      `docker-archive:${home}/Tool.docker.tar:example.com/x:1`,
    ]);
    match(await done(home, "install", "--image", "docker-archive:Tool.docker.tar"), /^Installed tool /);
    match(await done(home, "install", "--image", `oci:${layout}:other`), /^Installed other /);
    match(await done(home, "list"), /^other .* from oci:\/.*\/layout:other +what the image runs$/m);
  });
});

Deno.test("a tool's own registry: mirrors are the person's choice, and without one Debian is named", async () => {
  await withRegistry(async (registry, home) => {
    await pushImage(layout, "greeter", `${registry.host}/hub/library/python:3.12`);
    // Nothing is behind this name: the mirror alone can answer.
    Deno.mkdirSync(`${home}/registry`);
    Deno.writeTextFileSync(
      `${home}/registry/python.toml`,
      `description = "Python"\nshims = ["python:greet"]\n[image]\nrepository = "registry.invalid/library/python"\n` +
        `version = "3.12"\nversionVariable = "GREETING"\n` +
        `[debian]\nsuite = "trixie"\npackages = ["python3"]\nversionFrom = "python3"\n`,
    );
    const alone = await silo(home, ["install", "python"]);
    equal(alone.code, 125);
    match(alone.stderr, /could not pull registry\.invalid[^]*silo install python --from debian/);
    deepEqual(JSON.parse(await done(home, "list", "--json")), []);

    const settings = `[registries.mirrors]\n"registry.invalid" = ["${registry.host}/hub"]\n`;
    Deno.mkdirSync(`${home}/project`);
    Deno.writeTextFileSync(`${home}/silo.toml`, settings);
    match(await done(home, "install", "python"), /^Installed python hello: silo python … \(python\)\n$/);
    match((await silo(home, ["install", "python@0"])).stderr, /registry\.invalid\/library\/python:0/);
    equal(JSON.parse(await done(home, "list", "--json"))[0].source, "registry.invalid/library/python:3.12");
  });
});
