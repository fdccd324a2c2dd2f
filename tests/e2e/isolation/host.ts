/** The host's side of the isolation tests: a project with traps in it, and canaries outside of it. */
import { fileURLToPath } from "node:url";
import { homedir, tmpdir } from "node:os";
import { basename, join, relative } from "node:path/posix";

export interface TestHost extends Disposable {
  project: string;
  /** Declared mounts. */
  readonly: string;
  writable: string;
  /** A directory that nothing declares; holds `file`, `precious` and `below/file`, each with a canary. */
  outside: string;
  home: string;
  /** 0 and 1: in files; 2: in the environment; 3: on a process's command line. */
  canaries: string[];
  /** Paths in the guest that are symlinks to canaries. */
  links: string[];
  /** Paths in the guest that climb out by `..` to where the canaries are on the host. */
  climbs: string[];
  outsideBefore: string[];
  /** Names, modes, times and contents of everything in `outside`, for comparison. */
  outsideState(): string[];
}

const SCRIPTS = fileURLToPath(new URL(".", import.meta.url));
const random = () => `canary-${crypto.randomUUID()}`;

/** Hosts that several tests share are removed when the test file is done. */
const made: TestHost[] = [];
globalThis.addEventListener("unload", () => made.forEach((host) => host[Symbol.dispose]()));

export function makeHost(): TestHost {
  const make = (what: string) =>
    Deno.realPathSync(Deno.makeTempDirSync({ dir: tmpdir(), prefix: `silo-e2e-${what}-` }));
  const project = make("project");
  const [readonly, writable, outside] = [make("readonly"), make("writable"), make("outside")];
  const home = Deno.realPathSync(Deno.env.get("HOME") ?? homedir());
  const canaries = [random(), random(), random(), random()];
  const homeFile = join(home, `.silo-e2e-${crypto.randomUUID()}`);
  Deno.writeTextFileSync(homeFile, `${canaries[1]}\n`);
  Deno.mkdirSync(join(outside, "below"));
  for (const name of ["file", "precious", "below/file"]) {
    Deno.writeTextFileSync(join(outside, name), `${canaries[0]}\n`);
  }
  Deno.writeTextFileSync(join(readonly, "file"), "read-only content");
  Deno.writeTextFileSync(join(writable, "file"), "writable content");

  copyScripts(join(project, "isolation"));
  plant(project, outside, homeFile);
  const links = [
    "absolute",
    "relative",
    "chain-1",
    "directory",
    "directory/file",
    "parent/file",
    "home",
    "home-relative",
    "proc-root",
  ];
  const state = () => stateOf(outside);
  let there = true;
  const host: TestHost = {
    project,
    readonly,
    writable,
    outside,
    home,
    canaries,
    links: links.map((name) => `/workspace/traps/${name}`),
    climbs: [
      `/workspace/../../../../../..${outside}/file`,
      `/workspace/isolation/../../${basename(outside)}/file`,
      `/workspace/../${basename(outside)}/file`,
      `/workspace/../../../../../..${homeFile}`,
      `/workspace/traps/directory/../${basename(outside)}/file`,
      `${outside}/file`,
      homeFile,
      `/proc/1/root${outside}/file`,
      `/proc/1/cwd/../../..${outside}/file`,
    ],
    outsideBefore: state(),
    outsideState: state,
    [Symbol.dispose]() {
      if (!there) return;
      there = false;
      Deno.removeSync(homeFile);
      for (const path of [project, readonly, writable, outside]) Deno.removeSync(path, { recursive: true });
    },
  };
  made.push(host);
  return host;
}

function copyScripts(to: string): void {
  Deno.mkdirSync(to);
  for (const name of ["guest.py", "look.py", "root.py", "race.py"]) {
    Deno.copyFileSync(join(SCRIPTS, name), join(to, name));
  }
}

/** Symlinks out of the project, of every kind, and the files and directories that are swapped during the runs. */
function plant(project: string, outside: string, homeFile: string): void {
  const traps = join(project, "traps");
  Deno.mkdirSync(traps);
  const link = (target: string, name: string) => Deno.symlinkSync(target, join(traps, name));
  link(join(outside, "file"), "absolute");
  link(join(relative(traps, outside), "file"), "relative");
  link("chain-2", "chain-1");
  link("../traps/chain-3", "chain-2");
  link(join(outside, "file"), "chain-3");
  link(outside, "directory");
  link(relative(traps, outside), "parent");
  link(homeFile, "home");
  link(relative(traps, homeFile), "home-relative");
  link(`/proc/self/root${outside}/file`, "proc-root");
  Deno.symlinkSync("/etc/passwd", join(project, "passwd-link"));
  for (const base of ["swap", "own"]) {
    for (const directory of ["directory", "parent/below"]) {
      Deno.mkdirSync(join(project, base, directory), { recursive: true });
      Deno.writeTextFileSync(join(project, base, directory, "file"), "inside");
      Deno.writeTextFileSync(join(project, base, directory, "precious"), "inside");
    }
    Deno.writeTextFileSync(join(project, base, "file"), "inside");
  }
}

function stateOf(directory: string): string[] {
  const lines: string[] = [];
  for (const entry of Deno.readDirSync(directory)) {
    const path = join(directory, entry.name);
    const info = Deno.lstatSync(path);
    lines.push(
      `${path} ${info.mode} ${info.nlink} ${info.mtime?.getTime()} ${entry.isFile ? Deno.readTextFileSync(path) : ""}`,
    );
    if (entry.isDirectory) lines.push(...stateOf(path));
  }
  return lines.sort();
}
