/**
 * A tool for measurements alone: python, node with npm, and git in one image.
 *
 * @module
 */
import { realHost } from "../../src/host.ts";
import { elapsed, SILO } from "./silo_command.ts";

export const BENCH_TOOL = "silo-bench";

const DEFINITION = `description = "for scripts/bench: python, node and git in one image"
shims = ["silo-bench"]

[debian]
suite = "trixie"
packages = ["python3", "nodejs", "npm", "git"]
versionFrom = "python3"

[image]
repository = "localhost/silo-bench"
version = "1"
`;

/** Installs it into the silo home of whoever measures, until it is disposed of. */
export async function benchTool(): Promise<AsyncDisposable> {
  const directory = `${realHost().siloHome}/registry`;
  const file = `${directory}/${BENCH_TOOL}.toml`;
  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(file, DEFINITION);
  const remove = async () => {
    await elapsed([SILO, "uninstall", BENCH_TOOL]).catch(() => {}); // it may not have come so far
    await Deno.remove(file);
  };
  try {
    await elapsed([SILO, "install", "--from", "debian", BENCH_TOOL]);
  } catch (error) {
    await remove();
    throw error;
  }
  return { [Symbol.asyncDispose]: remove };
}
