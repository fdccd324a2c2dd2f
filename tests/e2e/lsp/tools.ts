/** Tools with language servers in their images, built of Debian's packages the first time that a test needs them. */
import { siloEnv } from "../harness.ts";
import { silo } from "../harness.ts";

const DEFINITIONS: Record<string, string> = {
  "test-pylsp": `description = "python with a language server, for silo's own tests"
shims = ["test-pylsp:python3"]

[debian]
suite = "trixie"
packages = ["python3", "python3-pylsp", "python3-autopep8", "python3-pyflakes", "python3-pycodestyle"]
versionFrom = "python3"

[lsp]
command = ["silo-test-pylsp"]
install = ["ln -s /usr/bin/pylsp /usr/local/bin/silo-test-pylsp"]
languages = ["python"]
files = [".py"]
`,
};

const INSTALL_LIMIT_MS = 600_000;

/** Installs the tool unless it is there. */
export async function ensureTool(name: keyof typeof DEFINITIONS): Promise<void> {
  const env = siloEnv();
  const home = env.SILO_HOME ?? `${env.HOME}/.silo`;
  Deno.mkdirSync(`${home}/registry`, { recursive: true });
  Deno.writeTextFileSync(`${home}/registry/${name}.toml`, DEFINITIONS[name]!);
  const { code, stderr } = await silo(["install", name as string, "--from", "debian"], { limitMs: INSTALL_LIMIT_MS });
  if (code !== 0) throw new Error(`silo install ${name} ended with ${code}:\n${stderr}`);
}
