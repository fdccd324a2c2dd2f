/**
 * The image of the network's tests: the clients that people use, built once from Debian's packages under the name
 * `network-lab`; and projects whose `silo.toml` has been accepted.
 */
import { makeProject, silo, siloEnv } from "../harness.ts";

export const LAB = "network-lab";

let built: Promise<void> | undefined;

/** Builds and installs the image unless it is there. */
export function ensureLab(): Promise<void> {
  return built ??= build();
}

async function build(): Promise<void> {
  const env = siloEnv();
  const home = env.SILO_HOME ?? `${env.HOME}/.silo`;
  const definition = Deno.readTextFileSync(new URL("lab.toml", import.meta.url));
  const path = `${home}/registry/${LAB}.toml`;
  const isSame = await Deno.readTextFile(path).then((text) => text === definition, () => false);
  Deno.mkdirSync(`${home}/registry`, { recursive: true });
  Deno.writeTextFileSync(path, definition);
  const { stdout } = await silo(["list", "--json"]);
  if (isSame && stdout.includes(`"${LAB}"`)) return;
  const { code, stderr } = await silo(["install", LAB, "--from", "debian"], { limitMs: 600_000 });
  if (code !== 0) throw new Error(`could not build ${LAB}:\n${stderr}`);
}

/** A project with these files, whose configuration counts. */
export async function trustedProject(files: Record<string, string>) {
  const project = makeProject(files);
  const { code, stderr } = await silo(["trust", "--yes"], { cwd: project.path });
  if (code !== 0) throw new Error(stderr);
  return project;
}
