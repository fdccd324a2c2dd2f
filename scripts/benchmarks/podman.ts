/**
 * The same image in a container: podman with crun, without a network, as the user who measures.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { elapsed, SILO } from "./silo_command.ts";

/** crun refuses to raise limits that an ordinary user may not raise. */
const LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];

export class Podman {
  readonly #base: readonly string[];
  readonly #env: Record<string, string>;
  readonly #directory: string;
  #image = "";

  private constructor(directory: string) {
    this.#directory = directory;
    this.#env = { XDG_RUNTIME_DIR: directory };
    const storage = ["--root", `${directory}/root`, "--runroot", `${directory}/run`, "--storage-driver", "overlay"];
    this.#base = ["podman", ...storage, "--runtime", "crun", "--cgroup-manager", "cgroupfs"];
  }

  /** A store of its own with the image of an installed tool in it. */
  static async of(tool: string): Promise<Podman> {
    const directory = await Deno.makeTempDir({ dir: tmpdir(), prefix: "silo-bench-" });
    const podman = new Podman(directory);
    const archive = `${directory}/image.tar`;
    await elapsed([SILO, "image", "save", tool, archive], { cwd: directory });
    const { stdout, stderr, success } = await new Deno.Command("podman", {
      args: [...podman.#base.slice(1), "pull", "--quiet", `oci-archive:${archive}`],
      env: podman.#env,
    }).output();
    if (!success) throw new Error(`podman pull failed: ${new TextDecoder().decode(stderr)}`);
    podman.#image = new TextDecoder().decode(stdout).trim().split("\n").at(-1)!;
    return podman;
  }

  /** Runs a command in a fresh container: milliseconds. */
  run(command: readonly string[], project: string, extra: readonly string[] = []): Promise<number> {
    return elapsed(
      [...this.#base, "run", "--rm", "--network=none", ...LIMITS, ...extra, this.#image, ...command],
      { cwd: project, env: this.#env },
    );
  }

  /** The files belong to subordinate users: podman alone can remove them. */
  async remove(): Promise<void> {
    await elapsed([...this.#base, "unshare", "rm", "-rf", `${this.#directory}/root`], { env: this.#env }).catch(
      () => {},
    );
    const pause = `${this.#directory}/libpod/tmp/pause.pid`;
    try {
      Deno.kill(Number(Deno.readTextFileSync(pause)), "SIGTERM");
    } catch { /* there is none */ }
    await Deno.remove(this.#directory, { recursive: true }).catch(() => {});
  }
}
