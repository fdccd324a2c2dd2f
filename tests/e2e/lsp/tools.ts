/** Tools with language servers in their images, built of Debian's packages the first time that a test needs them. */
import { equal } from "node:assert/strict";
import { makeProject, silo, siloEnv } from "../harness.ts";
import { LspClient } from "./client.ts";

const DEFINITIONS: Record<string, string> = {
  // Helix is there for the host, whose Debian may not have it.
  "test-lsp": `description = "python with a language server, for silo's own tests"
shims = ["test-lsp:python3"]

[debian]
suite = "trixie"
packages = ["python3", "python3-pylsp", "python3-autopep8", "python3-pyflakes", "python3-pycodestyle", "hx"]
versionFrom = "python3"

[lsp]
command = ["silo-test-lsp"]
install = ["ln -s /usr/bin/pylsp /usr/local/bin/silo-test-lsp"]
languages = ["python"]
files = [".py"]
`,
};

const INSTALL_LIMIT_MS = 600_000;

/** Where silo keeps what it has, in these tests. */
export function siloHome(): string {
  const env = siloEnv();
  return env.SILO_HOME ?? `${env.HOME}/.silo`;
}

/** Installs the tool unless it is there: one of these tests' own, or one of the registry. */
export async function ensureTool(name: string): Promise<void> {
  define(name);
  const { code, stderr } = await silo(["install", name, "--from", "debian"], { limitMs: INSTALL_LIMIT_MS });
  if (code !== 0) throw new Error(`silo install ${name} ended with ${code}:\n${stderr}`);
}

/** The same with its server: no editor waits for its installation. */
export async function ensureServer(name: string): Promise<void> {
  await ensureTool(name);
  using project = makeProject();
  using client = new LspClient(["lsp", name], project.path);
  await client.ask("initialize", "initialize", { rootUri: `file://${project.path}`, capabilities: {} });
  equal(await client.end(), 0, client.stderr);
}

/** Has the tool's server installed by another step, until it is ensured again. */
export function installServerBy(name: string, step: string): void {
  define(name, (definition) => definition.replace(/^install = .*$/m, `install = [${JSON.stringify(step)}]`));
}

function define(name: string, changed = (definition: string) => definition): void {
  const definition = DEFINITIONS[name];
  if (definition === undefined) return;
  Deno.mkdirSync(`${siloHome()}/registry`, { recursive: true });
  Deno.writeTextFileSync(`${siloHome()}/registry/${name}.toml`, changed(definition));
}

/** What silo has built: root file systems, each with what is remembered of it. */
export function builds(): { path: string; tool: string; madeAt: string }[] {
  const directory = `${siloHome()}/bakes`;
  return [...Deno.readDirSync(directory)].filter((it) => it.name.endsWith(".ext4.json")).map(({ name }) => ({
    path: `${directory}/${name.replace(/\.json$/, "")}`,
    ...JSON.parse(Deno.readTextFileSync(`${directory}/${name}`)) as { tool: string; madeAt: string },
  }));
}
