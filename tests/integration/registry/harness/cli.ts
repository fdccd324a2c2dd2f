/**
 * The real command line of this checkout, in a silo home of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const SILO = fileURLToPath(new URL("../../../../scripts/silo", import.meta.url));

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs silo to its end. `home` is its silo home, `cwd` where it stands. */
export async function silo(home: string, args: readonly string[], cwd = home): Promise<CliResult> {
  const keep = [
    "PATH",
    "HOME",
    "USER",
    "SILO_TOOLCHAIN",
    "SILO_HELPER",
    "SILO_GUEST",
    "SILO_QEMU",
    "SILO_SNAPSHOTS",
    "DENO_TLS_CA_STORE",
  ];
  const env: Record<string, string> = { SILO_HOME: home };
  for (const name of keep) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  const command = new Deno.Command(SILO, { args: [...args], cwd, env, clearEnv: true, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/**
 * Makes `home` a silo home that has the kernel and the programs of the person's own one, if that has them: else the
 * first `silo install` gets them.
 */
export function borrowMachine(home: string): void {
  const own = Deno.env.get("SILO_E2E_HOME") || Deno.env.get("SILO_HOME") || `${Deno.env.get("HOME")}/.silo`;
  Deno.mkdirSync(`${home}/machine`, { recursive: true });
  try {
    for (const { name } of Deno.readDirSync(`${own}/machine`)) {
      const [from, to] = [`${own}/machine/${name}`, `${home}/machine/${name}`];
      if (name === "machine.json") Deno.copyFileSync(from, to);
      else Deno.symlinkSync(from, to);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
