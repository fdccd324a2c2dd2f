/** An image as small as they get: a shell of this machine's, what it needs to start, and one program for it. */
import { dirname } from "node:path/posix";
import { runProgram } from "../../integration/registry/harness/packages.ts";

/** Adds it to an OCI layout under this tag. `greet` is its program: a script for its shell. */
export async function addSmallImage(layout: string, tag: string, greet: string): Promise<void> {
  const files = await Deno.makeTempDir({ prefix: "silo-small-" });
  try {
    for (const path of ["/bin/sh", ...await librariesOf("/bin/sh")]) {
      const target = `${files}${path.replace(/^\/(bin|lib\w*)\//, "/usr/$1/")}`;
      await Deno.mkdir(dirname(target), { recursive: true });
      await Deno.copyFile(await Deno.realPath(path), target);
    }
    for (const name of await namesIn(`${files}/usr`)) await Deno.symlink(`usr/${name}`, `${files}/${name}`);
    await Deno.mkdir(`${files}/usr/bin`, { recursive: true });
    await Deno.writeTextFile(`${files}/usr/bin/greet`, `#!/bin/sh\n${greet}\n`, { mode: 0o755 });
    await Deno.mkdir(`${files}/etc`);
    if (!await Deno.stat(`${layout}/index.json`).then(() => true, () => false)) {
      await runProgram("umoci", ["init", `--layout=${layout}`]);
    }
    await runProgram("umoci", ["new", `--image=${layout}:${tag}`]);
    await runProgram("tar", ["-C", files, "--owner=0", "--group=0", "-cf", `${layout}.tar`, "."]);
    await runProgram("umoci", ["raw", "add-layer", `--image=${layout}:${tag}`, `${layout}.tar`]);
  } finally {
    await Deno.remove(files, { recursive: true });
  }
}

async function namesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(directory)) names.push(name);
  return names;
}

/** Libraries and the dynamic linker, by their paths. */
async function librariesOf(program: string): Promise<string[]> {
  return (await runProgram("ldd", [program])).match(/\/\S+(?= \()/g) ?? [];
}
