/**
 * Building silo's QEMU out of Debian's source package, inside a Debian that is thrown away. Nothing is installed on the
 * host, and what the host is makes no difference.
 *
 * @module
 */
import { debianArchitecture, hostMirror, sourceLines } from "../../../src/debian/mirror.ts";
import type { Progress } from "../../../src/debian/progress.ts";
import { runCommand } from "../../../src/debian/run_command.ts";
import { ensureMmdebstrap } from "../../../src/debian/toolbox/mmdebstrap.ts";
import type { Host } from "../../../src/host.ts";
import { RECIPE, recipePackages } from "./recipe.ts";

/** The one whose QEMU silo is tested with. */
const SUITE = "bookworm";
/** Of everything: forty times what it takes where nothing else runs. */
const LIMIT_MINUTES = 120;
const TASK = "build silo's QEMU";

/**
 * Fills `directory` with `bin/` and `share/`. apt checks the source against the archive's signed indices, and takes the
 * newest of the release, its updates and its security updates.
 *
 * @param directory Exists and is empty; absolute.
 * @throws {SiloError} if Debian's packages cannot be had, or the build fails; the end of its output is in the details.
 */
export async function buildInDebian(host: Host, directory: string, progress: Progress): Promise<void> {
  const mmdebstrap = await ensureMmdebstrap(host, SUITE, progress);
  const binaries = await sourceLines(await hostMirror(host), SUITE, host.architecture);
  const sources = binaries.map((line) => line.replace(/^deb /, "deb-src "));
  const words = [
    ...["timeout", "--foreground", "--kill-after=60", `${LIMIT_MINUTES}m`],
    ...mmdebstrap,
    "--variant=apt",
    "--format=null",
    `--architectures=${debianArchitecture(host.architecture)}`,
    `--include=${(await recipePackages()).join(",")}`,
    // Files that nobody reads are files to be written and removed again.
    ...["man", "locale", "doc"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Acquire::Retries "3"',
    '--aptopt=Acquire::http::Timeout "60"',
    '--aptopt=Acquire::https::Timeout "60"',
    '--customize-hook=mkdir "$1/build"',
    `--customize-hook=copy-in ${quoted(RECIPE)} /build`,
    '--customize-hook=mv "$1"/build/* "$1/build/recipe"',
    // By the host's apt, which knows how this host reaches the archive.
    '--customize-hook=cd "$1/build" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -q source --download-only qemu >&2',
    '--customize-hook=chroot "$1" /build/recipe/build.sh',
    `--customize-hook=copy-out /build/out/bin /build/out/share ${quoted(directory)}`,
    SUITE,
    "-",
    ...binaries,
    ...sources,
  ];
  progress({ task: TASK, phase: "start" });
  await runCommand(words, {
    doing: TASK,
    cwd: "/",
    env: {
      PATH: `${host.env.PATH ?? ""}:/usr/sbin:/sbin:/usr/bin:/bin`,
      HOME: host.home,
      // On a disk: it takes 2 GB.
      TMPDIR: "/var/tmp",
      LC_ALL: "C.UTF-8",
    },
    onLine: (line) => {
      const phase = phaseOf(line);
      if (phase !== undefined) progress({ task: TASK, phase });
    },
    hint: "Check the network and apt's own configuration: `apt-get update` must work.",
  });
}

/** A word of a special hook, which are read as a shell reads words. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

/** mmdebstrap tells its steps as "I: …", and so does the build. */
export function phaseOf(line: string): string | undefined {
  const step = line.match(/^I: (.*?)(\.\.\.)?$/)?.[1];
  if (step === undefined || /in shell|^running special hook/.test(step)) return undefined;
  return step.replace(/ as tempdir$/, "");
}
