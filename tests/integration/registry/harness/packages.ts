/**
 * The Debian packages that these tests need; scripts/test installs them where it may.
 *
 * @module
 */

/** Programs by the package that has them. */
export const REGISTRY_TEST_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "docker-registry": ["docker-registry"],
  "skopeo": ["skopeo"],
  "umoci": ["umoci"],
  "apache2-utils": ["htpasswd"],
  "openssl": ["openssl"],
  "attr": ["getfattr", "setfattr"],
};

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
  const owner = Object.entries(REGISTRY_TEST_PACKAGES).find(([, programs]) => programs.includes(name))?.[0];
  throw new Error(`these tests need ${name}: apt install ${owner ?? name}`);
}

/** Runs a program of the tests and returns its stdout; its stderr is in the error if it fails. */
export async function runProgram(name: string, args: readonly string[], cwd?: string): Promise<string> {
  const output = await new Deno.Command(testProgram(name), {
    args: [...args],
    stdin: "null",
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!output.success) throw new Error(`${name} ${args.join(" ")} exited with ${output.code}: ${text(output.stderr)}`);
  return text(output.stdout);
}
