/**
 * Silo homes for tests that change what is installed or built: the tests' own home, linked, so that it costs nothing;
 * and further tools in that home, built from Debian's packages for as long as a test needs them.
 */
import { ok } from "node:assert/strict";
import { join } from "node:path/posix";
import { silo, siloEnv } from "./harness.ts";

/** The silo home that the tests share. */
function sharedHome(): string {
  return siloEnv().SILO_HOME ?? join(Deno.env.get("HOME")!, ".silo");
}

/** A silo home of its own with what is installed in the tests'. */
export function makeHome(): { path: string } & Disposable {
  const real = sharedHome();
  const path = Deno.makeTempDirSync({ dir: join(real, ".."), prefix: "silo-home-" });
  const link = new Deno.Command("cp", {
    args: ["-al", ...["images", "rootfs", "machine"].map((name) => join(real, name)), path],
  }).outputSync();
  ok(link.success, new TextDecoder().decode(link.stderr));
  Deno.copyFileSync(join(real, "config.toml"), join(path, "config.toml"));
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Building an image of some hundred packages: mmdebstrap, the file system, and the first boot. */
const INSTALL_LIMIT_MS = 900_000;

/**
 * Installs tools of the registry from Debian's packages, as a user would, unless they are there; those that were not
 * there are uninstalled at the end.
 */
export async function fromDebian(...tools: string[]): Promise<AsyncDisposable> {
  const made: string[] = [];
  const uninstall = async () => {
    for (const tool of made) await silo(["uninstall", tool]);
  };
  try {
    const listed = await silo(["list", "--json"]);
    const there = (JSON.parse(listed.stdout) as { name: string }[]).map(({ name }) => name);
    for (const tool of tools.filter((tool) => !there.includes(tool))) {
      made.push(tool);
      const { code, stdout, stderr } = await silo(["install", tool, "--from", "debian"], { limitMs: INSTALL_LIMIT_MS });
      ok(code === 0 && stdout.startsWith(`Installed ${tool} `), stdout + stderr);
    }
  } catch (error) {
    await uninstall();
    throw error;
  }
  return { [Symbol.asyncDispose]: uninstall };
}
