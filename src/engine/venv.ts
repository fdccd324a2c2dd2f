/**
 * A virtual environment in the project's root is active in the sandbox, as `source .venv/bin/activate` would make it.
 *
 * @module
 */

const NAMES = [".venv", "venv"];

/** The name of the project's virtual environment, if there is one and the tool is a python. */
export function findVenv(
  root: string,
  shims: readonly { readonly name: string }[],
  isThere: (path: string) => boolean = isFile,
): string | undefined {
  if (!shims.some(({ name }) => /^python[\d.]*$/.test(name))) return undefined;
  return NAMES.find((name) => isThere(`${root}/${name}/pyvenv.cfg`));
}

function isFile(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}
