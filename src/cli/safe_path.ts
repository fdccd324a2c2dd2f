/**
 * PATH without what a sandbox can write.
 *
 * silo looks for programs by itself that the person never typed (bubblewrap, QEMU, mmdebstrap). Shells put directories
 * of a project on PATH (`node_modules/.bin`, a virtual environment), and a tool in the sandbox could leave a `bwrap`
 * there.
 *
 * @module
 */
import { contains, findProject } from "../config/project.ts";
import type { Host } from "../host.ts";

/**
 * The host with a PATH that has neither relative directories nor any of the project that we are in; the process's own
 * variable is set to it, for the programs that are started by their name.
 *
 * @param setPath sets the variable of this process.
 */
export function withSafePath(host: Host, setPath = (path: string) => Deno.env.set("PATH", path)): Host {
  const path = host.env.PATH;
  if (path === undefined) return host;
  const project = sharedDirectory(host);
  const isSafe = (directory: string) =>
    directory.startsWith("/") && (project === undefined || !contains(project, realPath(directory)));
  const safe = path.split(":").filter(isSafe).join(":");
  if (safe === path) return host;
  setPath(safe);
  return { ...host, env: { ...host.env, PATH: safe } };
}

/** What a run here would share; undefined if that is nothing, as in the home directory. */
function sharedDirectory(host: Host): string | undefined {
  let cwd: string;
  try {
    cwd = host.cwd();
  } catch {
    return undefined; // it is gone; whatever needs it says so
  }
  const { root } = findProject(cwd);
  return contains(root, host.home) ? undefined : root;
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
