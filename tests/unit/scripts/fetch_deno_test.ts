/** scripts/lib/deno.sh on a machine without Deno, whose programs are a Mac's. */
import { deepStrictEqual as same, match, strictEqual as eq } from "node:assert/strict";
import { temporaryDirectory } from "../support.ts";

const SCRIPT = decodeURIComponent(new URL("../../../scripts/lib/deno.sh", import.meta.url).pathname);

/** BSD's mv knows no more than these, and a Mac has no sha512sum. */
const PROGRAMS = {
  uname: "case $1 in -s) echo Darwin ;; -m) echo arm64 ;; esac",
  mv: 'case $1 in -[!fhinv]*) echo "mv: illegal option -- ${1#-}" >&2; exit 64 ;; esac; exec /bin/mv "$@"',
  sha512sum: "exit 127",
};

/** A checkout without Deno, and an `npm pack` that packs a program which is the one of this test. */
function machine(directory: string, during = ""): { fetch: () => Promise<string>; toolchain: string } {
  const [programs, root, toolchain] = [`${directory}/bin`, `${directory}/checkout`, `${directory}/toolchain`];
  for (const path of [programs, root, `${directory}/npm/package`]) Deno.mkdirSync(path, { recursive: true });
  Deno.writeTextFileSync(`${directory}/npm/package/deno`, `#!/bin/sh\nexec "${Deno.execPath()}" "$@"\n`);
  const npm = `echo "$@" >> "${directory}/asked"; ${during || ":"}; tar -czf deno-x.tgz -C "${directory}/npm" package`;
  for (const [name, script] of Object.entries({ ...PROGRAMS, npm })) {
    Deno.writeTextFileSync(`${programs}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const fetch = async () => {
    const text = 'set -euo pipefail; root=$1; . "$2"; echo "$SILO_DENO"';
    const { stdout, stderr, code } = await new Deno.Command("bash", {
      args: ["-c", text, "bash", root, SCRIPT],
      clearEnv: true,
      env: { PATH: `${programs}:/usr/bin:/bin`, HOME: directory, SILO_TOOLCHAIN: toolchain },
    }).output();
    eq(code, 0, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim();
  };
  return { fetch, toolchain };
}

const named = (path: string) =>
  [...Deno.readDirSync(path)].map(({ name }) => name).filter((it) => /deno-\d|\.deno/.test(it));

Deno.test("Deno is fetched with what a Mac has, once", async () => {
  using directory = temporaryDirectory();
  const { fetch, toolchain } = machine(directory.path);
  const path = await fetch();
  match(path, /\/toolchain\/deno-[\d.]+\/deno$/);
  eq(Deno.realPathSync(`${directory.path}/checkout/build/deno`), path);
  await fetch();
  match(Deno.readTextFileSync(`${directory.path}/asked`), /^pack --silent @deno\/darwin-arm64@[\d.]+\n$/);
  eq(named(toolchain).length, 1);
});

Deno.test("who comes second keeps the copy that is there, and leaves nothing of its own", async () => {
  using directory = temporaryDirectory();
  const version = /^deno_version=(\S+)$/m.exec(Deno.readTextFileSync(SCRIPT))![1]!;
  const first = `${directory.path}/toolchain/deno-${version}`;
  const copied =
    `mkdir -p "${first}" && cp "${directory.path}/npm/package/deno" "${first}/deno" && touch "${first}/first"`;
  const { fetch, toolchain } = machine(directory.path, `${copied} && chmod 755 "${first}/deno"`);
  eq(await fetch(), `${first}/deno`);
  same(named(toolchain), [`deno-${version}`]);
  same([...Deno.readDirSync(first)].map(({ name }) => name).toSorted(), ["deno", "first"]);
});
