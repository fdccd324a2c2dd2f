/**
 * Installing packages on the host, for root only and only when nothing less does.
 *
 * @module
 */
import type { Host } from "../../host.ts";
import { type Progress, silent } from "../progress.ts";
import { findProgram, runCommand } from "../run_command.ts";

/** Whether silo may install packages here: it runs as root on a Debian-like host. */
export async function canInstall(host: Host): Promise<boolean> {
  return host.uid === 0 && await findProgram(host, "apt-get") !== undefined;
}

/**
 * Installs packages from the host's own configured archives.
 *
 * @throws {SiloError} if apt fails; the end of its output is in the details.
 */
export async function installPackages(
  host: Host,
  packages: readonly string[],
  progress: Progress = silent,
): Promise<void> {
  const task = `install ${packages.join(" ")}`;
  const env = {
    PATH: host.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
    DEBIAN_FRONTEND: "noninteractive",
    LC_ALL: "C",
  };
  const options = { doing: `install ${packages.join(", ")}`, env, hint: aptLine(packages) };
  const onLine = (line: string) => progress({ task, phase: line.slice(0, 60) });
  progress({ task, phase: "read the package lists" });
  await runCommand(["apt-get", "-q", "update"], { ...options, onLine });
  progress({ task, phase: "install" });
  // A second apt may hold dpkg's lock for a while, as unattended upgrades do just after boot.
  const args = ["-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", "install", ...packages];
  await runCommand(["apt-get", ...args], { ...options, onLine });
}

/** What a person types to get the packages. */
export function aptLine(packages: readonly string[]): string {
  return `sudo apt-get install --no-install-recommends ${packages.join(" ")}`;
}
