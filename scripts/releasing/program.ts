/**
 * silo itself for a target: compiled, or bundled with Deno beside it.
 *
 * @module
 */
import { runCommand } from "../../src/debian/run_command.ts";
import { reasonOf } from "../../src/errors.ts";
import { ROOT } from "../setup/checkout.ts";
import type { Target } from "./targets.ts";

export type Form = "compiled" | "bundle";

/**
 * Everything: Deno lets nothing less read /proc, where the exact bytes of the arguments are, and silo's own business is
 * to start programs and read what the person names.
 */
const PERMISSIONS = ["--allow-all", "--no-prompt"];

/**
 * Compiles silo with its registry into `prefix/bin/silo`.
 *
 * @returns why not, if that cannot be done here.
 */
export async function compile(target: Target, prefix: string): Promise<string | undefined> {
  await Deno.mkdir(`${prefix}/bin`, { recursive: true });
  const output = `${prefix}/bin/silo`;
  const words = ["compile", "--quiet", ...PERMISSIONS, "--target", target.triple, "--include", "registry"];
  try {
    await runCommand([Deno.execPath(), ...words, "--output", output, "main.ts"], { doing: "compile silo", cwd: ROOT });
    return undefined;
  } catch (error) {
    await Deno.remove(output).catch(() => {});
    return reasonOf(error);
  }
}

/** What `deno bundle` puts before modules in the old form (CommonJS), into a file that all others load. */
const REQUIRE = `import { createRequire as __deno_internal_createRequire } from "node:module";
var __require = __deno_internal_createRequire(import.meta.url);
`;
/** The same for Node's own modules, the only ones that are not bundled; `node:module` takes 30 ms to load in each start. */
const LAZY_REQUIRE = "var __require = (name) => process.getBuiltinModule(name);\n";

/**
 * Every module that silo may load, as JavaScript, without the libraries' sources being needed: `main.js` and the pieces
 * that it loads as they are wanted. In one file all of them would be read in each start, which takes 90 ms.
 */
export async function bundle(directory: string): Promise<void> {
  const words = ["bundle", "--quiet", "--platform", "deno", "--code-splitting", "--outdir", directory, "main.ts"];
  await runCommand([Deno.execPath(), ...words], { doing: "bundle silo", cwd: ROOT });
  for await (const { name } of Deno.readDir(directory)) {
    const text = await Deno.readTextFile(`${directory}/${name}`);
    const mended = text.replace(REQUIRE, LAZY_REQUIRE);
    if (mended !== text) await Deno.writeTextFile(`${directory}/${name}`, mended);
    if (mended.includes("createRequire as")) throw new Error(`${name} loads node:module in a way that is not known`);
  }
}

/**
 * What starts a bundle: follows links to itself, as Homebrew and people make them. A link that is called like a program
 * of a tool is that program.
 */
export const LAUNCHER = `#!/bin/sh
self=$0
case \${0##*/} in silo*) ;; *) set -- run "\${0##*/}" -- "$@" ;; esac
while [ -L "$self" ]; do
  link=$(readlink "$self")
  case $link in /*) self=$link ;; *) self=\${self%/*}/$link ;; esac
done
case $self in */*) ;; *) self=$(command -v -- "$self") ;; esac
parts=\${self%/*}/../libexec/silo
if [ ! "$PWD" -ef . ] && [ -z "$(pwd -P 2>/dev/null)" ]; then
  echo "silo: could not find the current directory: it was deleted or cannot be read" >&2
  echo "  Change to a directory that exists: cd .. or cd ~" >&2
  exit 125
fi
DENO_NO_UPDATE_CHECK=1 DENO_TLS_CA_STORE=\${DENO_TLS_CA_STORE:-system,mozilla}
export DENO_NO_UPDATE_CHECK DENO_TLS_CA_STORE
exec "$parts/deno" run --quiet --unstable-lazy-dynamic-imports --no-config --no-remote --no-npm --no-prompt --allow-all \\
  "$parts/js/main.js" "$@"
`;

/** Puts a bundle, its launcher and a Deno for the target into a prefix. */
export async function placeBundle(target: Target, deno: string, prefix: string): Promise<void> {
  const parts = `${prefix}/libexec/silo`;
  await Deno.mkdir(parts, { recursive: true });
  await Deno.mkdir(`${prefix}/bin`, { recursive: true });
  await bundle(`${parts}/js`);
  await Deno.copyFile(deno, `${parts}/deno`);
  await Deno.chmod(`${parts}/deno`, 0o755);
  await Deno.writeTextFile(`${prefix}/bin/silo`, LAUNCHER, { mode: 0o755 });
  await Deno.chmod(`${prefix}/bin/silo`, 0o755);
  if (target.platform === "macos") await Deno.writeTextFile(`${parts}/.metadata_never_index`, "");
}

/** A Deno of this one's version for another target, by npm's own client, which checks it against the registry's sum. */
export async function fetchRuntime(target: Target, directory: string): Promise<string> {
  await Deno.mkdir(directory, { recursive: true });
  const name = `${target.runtime}@${Deno.version.deno}`;
  const file = (await runCommand(["npm", "pack", "--silent", name], { doing: `fetch ${name}`, cwd: directory })).trim();
  await runCommand(["tar", "-xzf", file.split("\n").at(-1)!, "--strip-components=1", "package/deno"], {
    doing: `unpack ${name}`,
    cwd: directory,
  });
  return `${directory}/deno`;
}
