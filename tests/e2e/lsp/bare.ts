/**
 * Language servers without silo: the very programs that a sandbox has, taken out of its root file system, on this
 * machine's own kernel, with the project where the sandbox has it.
 */
import { ok } from "node:assert/strict";
import { makeProject } from "../harness.ts";
import { LspClient } from "./client.ts";
import { builds } from "./tools.ts";

/** What a sandbox's programs see of their environment, as far as it decides what servers do. */
const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
  HOME: "/home/silo",
  USER: "silo",
};

/** A root file system as a directory. */
export async function unpackedServer(tool: string): Promise<{ path: string } & Disposable> {
  const directory = makeProject();
  // It says of every file that its owner cannot be kept; what matters is what is there afterwards.
  await new Deno.Command("debugfs", {
    args: ["-R", `rdump / ${directory.path}`, newestBuild(tool)],
    env: { PATH: `${Deno.env.get("PATH")}:/usr/sbin:/sbin` },
    stdout: "null",
    stderr: "null",
  }).output();
  ok(Deno.statSync(`${directory.path}/usr/bin`).isDirectory);
  return directory;
}

/** A client of the server, in nothing but that directory and the project. */
export function bareClient(
  root: string,
  project: string,
  command: readonly string[],
  variables: Record<string, string> = {},
): LspClient {
  const settings = Object.entries({ ...ENVIRONMENT, ...variables }).flatMap(([name, value]) => [
    "--setenv",
    name,
    value,
  ]);
  const args = ["--unshare-all", "--die-with-parent", "--bind", root, "/", "--proc", "/proc", "--dev", "/dev"];
  args.push("--tmpfs", "/tmp", "--dir", "/home/silo", "--bind", project, "/workspace", "--chdir", "/workspace");
  return new LspClient([...args, "--clearenv", ...settings, ...command], project, () => null, "bwrap");
}

/** What silo has built for the tool last: its image with the server in it. */
function newestBuild(tool: string): string {
  const built = builds().filter((it) => it.tool === tool).sort((a, b) => a.madeAt.localeCompare(b.madeAt));
  ok(built.length > 0, `nothing was built for ${tool}`);
  return built.at(-1)!.path;
}
