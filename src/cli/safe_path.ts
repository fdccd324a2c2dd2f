/**
 * PATH without what a sandbox can write.
 *
 * silo looks for programs by itself that the person never typed (bubblewrap, QEMU, mmdebstrap). Shells put directories
 * of a project on PATH (`node_modules/.bin`, a virtual environment), and a tool in the sandbox could leave a `bwrap`
 * there.
 *
 * @module
 */
import type { Host } from "../host.ts";
import { contains, parentOf } from "../paths.ts";

/**
 * The host with a PATH that has neither relative directories nor any of the project that we are in; the process's own
 * variable is set to it, for the programs that are started by their name.
 *
 * @param setPath sets the variable of this process.
 */
export async function withSafePath(
  host: Host,
  setPath = (path: string) => Deno.env.set("PATH", path),
): Promise<Host> {
  const path = host.env.PATH;
  if (path === undefined) return host;
  const directories = path.split(":").filter((it) => it.startsWith("/")).map((it) => ({ it, real: realPath(it) }));
  const shared = await sharedDirectory(host, directories.map(({ real }) => real));
  const isSafe = ({ real }: { real: string }) => shared === undefined || !contains(shared, real);
  const safe = directories.filter(isSafe).map(({ it }) => it).join(":");
  if (safe === path) return host;
  setPath(safe);
  return { ...host, env: { ...host.env, PATH: safe } };
}

/**
 * What a run here would share, if any of the directories can be in it; undefined if none can, or if nothing is shared,
 * as in the home directory. Mostly the place of all these directories says enough, and no `silo.toml` is looked for.
 */
async function sharedDirectory(host: Host, directories: readonly string[]): Promise<string | undefined> {
  let cwd: string;
  try {
    cwd = host.cwd();
  } catch {
    return undefined; // it is gone; whatever needs it says so
  }
  const outermost = outermostProject(cwd, host.home);
  if (outermost === undefined || !directories.some((it) => contains(outermost, it))) return undefined;
  const { findProject } = await import("../config/project.ts");
  const { root } = findProject(cwd);
  return contains(root, host.home) ? undefined : root;
}

/** The widest directory around this one that a run could share: the last before those that hold the home directory. */
function outermostProject(cwd: string, home: string): string | undefined {
  if (contains(cwd, home)) return undefined;
  let widest = cwd;
  while (!contains(parentOf(widest), home)) widest = parentOf(widest);
  return widest;
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
