/**
 * silo as people get it: in a prefix of its own, behind a link as Homebrew makes it, and as a Debian package. The module
 * graph is bundled, as it is one program when it is compiled.
 */
import { deepStrictEqual as same, match, ok, strictEqual as eq } from "node:assert/strict";
import { makeDebianPackage } from "../../../scripts/releasing/debian.ts";
import { placeBundle } from "../../../scripts/releasing/program.ts";
import { stageParts } from "../../../scripts/releasing/stage.ts";
import { ownTarget } from "../../../scripts/releasing/targets.ts";
import { realHost } from "../../../src/host.ts";
import { VERSION } from "../../../src/version.ts";

const ROOT = decodeURIComponent(new URL("../../..", import.meta.url).pathname).replace(/\/$/, "");
const target = ownTarget(realHost());

async function silo(program: string, args: string[], home: string, cwd = home) {
  const env = { PATH: Deno.env.get("PATH")!, HOME: home };
  const { code, stdout, stderr } = await new Deno.Command(program, { args, cwd, env, clearEnv: true }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

async function works(program: string, prefix: string, home: string): Promise<void> {
  const version = await silo(program, ["--version"], home);
  same([version.code, version.stderr], [0, ""]);
  match(version.stdout, new RegExp(`\\b${VERSION.replaceAll(".", "\\.")}\\b`));
  match((await silo(program, ["list", "--available"], home)).stdout, /\bpython\b/);
  const doctor = (await silo(program, ["doctor"], home)).stdout;
  match(doctor, new RegExp(`silo-helper +${VERSION}, protocol 1\\.`), "it found its helper, which answers");
  ok(doctor.includes(`${prefix}/libexec/silo/silo-guest`), doctor);
}

Deno.test("an installed silo finds its parts in every layout", async (t) => {
  const work = await Deno.realPath(await Deno.makeTempDir({ prefix: "silo-installed-" }));
  const home = `${work}/home`;
  await Deno.mkdir(home);
  try {
    const prefix = `${work}/silo-${VERSION}`;
    await placeBundle(target, Deno.execPath(), prefix);
    await stageParts(prefix, { helper: `${ROOT}/build/silo-helper`, guest: `${ROOT}/build/silo-guest` });

    await t.step("an unpacked archive", () => works(`${prefix}/bin/silo`, prefix, home));

    await t.step("a link that is called like a program of a tool is that program, also one found on PATH", async () => {
      const links = `${work}/links`;
      await Deno.mkdir(links);
      for (const name of ["python", "silo-next"]) await Deno.symlink(`${prefix}/bin/silo`, `${links}/${name}`);
      await Deno.symlink("python", `${links}/pip`); // a link to a link
      for (const name of ["python", "pip"]) {
        const { code, stderr } = await silo(`${links}/${name}`, ["--version", "-c", "list"], home, links);
        match(stderr, new RegExp(`^silo: could not run ${name}: python is not installed`));
        eq(code, 125);
      }
      const env = { PATH: `${links}:/usr/bin:/bin`, HOME: home };
      const found = await new Deno.Command("sh", { args: ["-c", "python -V"], cwd: links, env, clearEnv: true })
        .output();
      match(new TextDecoder().decode(found.stderr), /^silo: could not run python: python is not installed\n/);
      match((await silo(`${links}/silo-next`, ["--version"], home)).stdout, /^silo /);
    });

    await t.step("a keg of Homebrew, by the link in its bin/", async () => {
      const keg = `${work}/brew/Cellar/silo/${VERSION}`;
      await Deno.mkdir(`${work}/brew/Cellar/silo`, { recursive: true });
      await Deno.mkdir(`${work}/brew/bin`);
      await Deno.rename(prefix, keg);
      await Deno.symlink(`../Cellar/silo/${VERSION}/bin/silo`, `${work}/brew/bin/silo`);
      await works(`${work}/brew/bin/silo`, keg, home);
      await Deno.rename(keg, prefix);
    });

    await t.step("a Debian package, which installs, works, and leaves nothing when it is removed", async () => {
      if (target.debian === undefined) return;
      const deb = `${work}/silo.deb`;
      await makeDebianPackage({ ...target, debian: target.debian }, VERSION, prefix, deb);
      const root = `${work}/root`;
      for (const part of ["info", "updates", "triggers"]) {
        await Deno.mkdir(`${root}/var/lib/dpkg/${part}`, { recursive: true });
      }
      await Deno.writeTextFile(`${root}/var/lib/dpkg/status`, "");
      const dpkg = async (...args: string[]) => {
        const force = "--force-depends,not-root,script-chrootless,bad-path";
        const words = [`--root=${root}`, "--log=/dev/null", force, ...args];
        const { code, stderr } = await new Deno.Command("dpkg", { args: words, stdout: "null" }).output();
        eq(code, 0, new TextDecoder().decode(stderr));
      };
      await dpkg("--install", deb);
      await works(`${root}/usr/bin/silo`, `${root}/usr`, home);
      await dpkg("--purge", "silo");
      same(await Array.fromAsync(Deno.readDir(`${root}/usr`)).catch(() => []), []);
    });

    await t.step(
      "a helper of another protocol version is refused with both versions and the way to mend it",
      async () => {
        const helper = `${prefix}/libexec/silo/silo-helper`;
        const fake = `${ROOT}/tests/fixtures/fake_helper.ts`;
        await Deno.remove(helper);
        const words = `"${Deno.execPath()}" run --quiet --allow-all --config "${ROOT}/deno.json" "${fake}" old`;
        await Deno.writeTextFile(helper, `#!/bin/sh\nexec ${words}\n`, { mode: 0o755 });
        const { stdout } = await silo(`${prefix}/bin/silo`, ["doctor"], home);
        match(stdout, /speaks protocol version 1\.0, the helper speaks version/);
        match(stdout, /Unpack the archive of silo/);
      },
    );

    await t.step("a helper that is gone is missed by its path", async () => {
      await Deno.remove(`${prefix}/libexec/silo/silo-helper`);
      const { stdout } = await silo(`${prefix}/bin/silo`, ["doctor"], home);
      ok(stdout.includes(`it is not at ${prefix}/libexec/silo/silo-helper`), stdout);
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
});
