/**
 * The programs that these tests need, and the Debian packages that have them.
 *
 * @module
 */

/** Programs by the package that has them: `packages.txt`, which scripts/test reads too. */
const PACKAGES: ReadonlyMap<string, readonly string[]> = new Map(
  Deno.readTextFileSync(new URL("../packages.txt", import.meta.url)).split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(" ") as [string, ...string[]])
    .map(([name, ...programs]) => [name, programs]),
);

/**
 * The path of a program of the tests: from `SILO_TEST_TOOLS` (a directory that packages were unpacked into), else PATH.
 *
 * @throws {Error} that names the package to install. A test that cannot run has failed.
 */
export function testProgram(name: string): string {
  const unpacked = Deno.env.get("SILO_TEST_TOOLS");
  const directories = [
    ...(unpacked ? [`${unpacked}/usr/bin`] : []),
    ...(Deno.env.get("PATH") ?? "").split(":"),
    "/usr/sbin",
    "/sbin",
  ];
  for (const directory of directories) {
    try {
      if (Deno.statSync(`${directory}/${name}`).isFile) return `${directory}/${name}`;
    } catch { /* look further */ }
  }
  const owner = [...PACKAGES].find(([, programs]) => programs.includes(name))?.[0];
  throw new Error(`these tests need ${name}: apt install ${owner ?? name}`);
}

/**
 * What a program that talks to a registry is given besides the caller's environment: a file without logins.
 *
 * Else skopeo reads those of whoever runs the tests, where `XDG_RUNTIME_DIR` is not set from `/run/containers/UID`, and
 * fails where root's own podman has made `/run/containers` (containers-auth.json(5)).
 */
const WITHOUT_LOGINS: Readonly<Record<string, string>> = {
  REGISTRY_AUTH_FILE: new URL("../no_logins.json", import.meta.url).pathname,
};

/** Runs a program of the tests and returns its stdout; its stderr is in the error if it fails. */
export async function runProgram(name: string, args: readonly string[], cwd?: string): Promise<string> {
  const output = await new Deno.Command(testProgram(name), {
    args: [...args],
    stdin: "null",
    env: WITHOUT_LOGINS,
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!output.success) throw new Error(`${name} ${args.join(" ")} exited with ${output.code}: ${text(output.stderr)}`);
  return text(output.stdout);
}
