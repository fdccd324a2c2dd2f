/**
 * What a release consists of, for every target: the archive's layout, the Debian package, the formula. The programs
 * stand in: their places are what is looked at, and each target's real ones are made where it can be built.
 */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { makeDebianPackage } from "../../../scripts/releasing/debian.ts";
import { formula } from "../../../scripts/releasing/formula.ts";
import { placeBundle } from "../../../scripts/releasing/program.ts";
import { archive, COMPLETIONS, stageParts, sumOf } from "../../../scripts/releasing/stage.ts";
import { type Target, TARGETS } from "../../../scripts/releasing/targets.ts";
import { runCommand } from "../../../src/debian/run_command.ts";
import { VERSION } from "../../../src/version.ts";
import { loadedWith } from "../../module_graph.ts";

const work = Deno.makeTempDirSync({ prefix: "silo-packages-" });
addEventListener("unload", () => Deno.removeSync(work, { recursive: true }));
const program = `${work}/program`;
Deno.writeTextFileSync(program, "a program\n", { mode: 0o755 });
const sums: Record<string, string> = {};

const run = (argv: string[]) => runCommand(argv, { doing: argv[0]!, cwd: work });

/** What has to be in a prefix, without the registry's files. */
const PARTS = [
  "bin/silo",
  "libexec/silo/deno",
  "libexec/silo/silo-guest",
  "libexec/silo/silo-helper",
  "libexec/silo/js/main.js",
  ...Object.values(COMPLETIONS),
  "share/doc/silo/LICENSE",
  "share/doc/silo/README.md",
  "share/man/man1/silo.1",
].sort();

/** silo's QEMU, and where it has to be. */
const qemu = `${work}/qemu`;
const QEMU_PARTS = ["bin/qemu-system-x86_64", "share/silo-qemu.json"];
for (const part of QEMU_PARTS) {
  Deno.mkdirSync(`${qemu}/${part.slice(0, part.indexOf("/"))}`, { recursive: true });
  Deno.copyFileSync(program, `${qemu}/${part}`);
}
const hasQemu = (target: Target) => target.name === "linux-x86_64";
const partsOf = (target: Target) =>
  [...PARTS, ...hasQemu(target) ? QEMU_PARTS.map((part) => `libexec/silo/qemu/${part}`) : []].sort();

for (const target of TARGETS) {
  const name = `silo-${VERSION}-${target.name}`;
  const prefix = `${work}/${name}`;

  Deno.test(`the archive for ${target.name} has every part in its place, and is the same every time`, async () => {
    await placeBundle(target, program, prefix);
    await stageParts(prefix, { helper: program, guest: program, qemu: hasQemu(target) ? qemu : undefined });
    const file = `${work}/${name}.tar.gz`;
    await archive(prefix, name, file);
    const lines = (await run(["tar", "-tvzf", file])).trim().split("\n");
    const files = lines.filter((line) => line.startsWith("-")).map((line) => line.split(/\s+/).slice(5).join(" "));
    const inside = files.map((path) => {
      ok(path.startsWith(`${name}/`), path);
      return path.slice(name.length + 1);
    });
    const isOwn = (path: string) =>
      !path.startsWith("share/silo/registry/") && !path.endsWith(".metadata_never_index") &&
      (!path.startsWith("libexec/silo/js/") || path.endsWith("/main.js"));
    same(inside.filter(isOwn).sort(), partsOf(target));
    ok(inside.includes("share/silo/registry/python.toml"));
    for (const line of lines) {
      match(line, /^[-d]rw[-x]r-[-x]r-[-x] 0\/0 /, line);
      if (/ \S+\/(?:bin|libexec)\/\S*[^/]$/.test(line) && !/\.js$|never_index$|\.json$/.test(line)) {
        match(line, /^[-d]rwxr-xr-x/);
      }
    }
    sums[target.name] = await sumOf(file);
    await archive(prefix, name, `${work}/again.tar.gz`);
    eq(await sumOf(`${work}/again.tar.gz`), sums[target.name]);
  });

  Deno.test(`the bundle for ${target.name} begins without a module of Node's, which would be read in each start`, async () => {
    const js = `${prefix}/libexec/silo/js`;
    const runPath = [...Deno.readDirSync(js)].find(({ name }) => name.startsWith("run_path-"));
    for (const name of ["main.js", runPath!.name]) {
      const loaded = await loadedWith(`${js}/${name}`);
      ok(loaded.length > 5, "the graph is read");
      same(loaded.filter((specifier) => !specifier.startsWith("file:")), [], name);
    }
  });

  if (target.debian !== undefined) {
    Deno.test(`the Debian package for ${target.debian} says what it is and holds what it says`, async () => {
      const deb = `${work}/silo_${target.debian}.deb`;
      await makeDebianPackage({ ...target, debian: target.debian! }, VERSION, prefix, deb);
      const fields = await run(["dpkg-deb", "--field", deb]);
      match(fields, new RegExp(`^Package: silo\nVersion: ${VERSION.replaceAll(".", "\\.")}\n`));
      match(fields, new RegExp(`^Architecture: ${target.debian}$`, "m"));
      match(fields, hasQemu(target) ? /^Suggests: qemu-system-x86$/m : /^Recommends: qemu-system-arm\b/m);
      match(await run(["dpkg", "--info", deb]), /control/);
      const root = `${work}/${target.debian}`;
      await run(["dpkg-deb", "--raw-extract", deb, root]);
      for (const part of partsOf(target).filter((part) => !part.endsWith("/LICENSE") && !part.endsWith("silo.1"))) {
        ok(Deno.statSync(`${root}/usr/${part}`).isFile, part);
      }
      for (const text of ["usr/share/man/man1/silo.1.gz", "usr/share/doc/silo/copyright"]) {
        ok(Deno.statSync(`${root}/${text}`).isFile, text);
      }
      await run(["sh", "-c", 'cd "$1" && md5sum --quiet --check DEBIAN/md5sums', "sh", root]);
    });
  }
}

Deno.test("the formula names every archive with its sum, and ends every block that it begins", () => {
  const text = formula({ version: VERSION, url: "https://host/silo/releases/download/v1", sums });
  for (const { name } of TARGETS) {
    ok(text.includes(`url "https://host/silo/releases/download/v1/silo-${VERSION}-${name}.tar.gz"`), name);
    ok(text.includes(`sha256 "${sums[name]}"`), name);
  }
  let depth = 0;
  for (const line of text.split("\n")) {
    if (/^\s*(?:class|def)\b|\bdo$/.test(line)) depth++;
    if (/^\s*end$/.test(line)) depth--;
    ok(depth >= 0, line);
  }
  eq(depth, 0);
});
