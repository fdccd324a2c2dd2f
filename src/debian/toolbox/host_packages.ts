/**
 * The packages of the host that silo's set-up stands on.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { type Progress, silent } from "../progress.ts";
import { findProgram } from "../run_command.ts";
import { aptLine, canInstall, installPackages } from "./install.ts";
import { locateQemu } from "./qemu.ts";

interface HostPackage {
  readonly name: string;
  /** A program of it, by which its presence is told. */
  readonly program: string;
  /**
   * `required`: nothing can stand in for it. `replaceable`: an ordinary user gets it unpacked into the toolchain
   * cache. `better`: silo works without it, with one layer of protection less.
   */
  readonly need: "required" | "replaceable" | "better";
}

const PACKAGES: readonly HostPackage[] = [
  { name: "xz-utils", program: "xz", need: "required" },
  // Its programs are set-uid: unpacked they would be worth nothing.
  { name: "uidmap", program: "newuidmap", need: "required" },
  { name: "mmdebstrap", program: "mmdebstrap", need: "replaceable" },
  { name: "bubblewrap", program: "bwrap", need: "better" },
];

/**
 * Makes sure that they are there: root installs what is missing, others are told what to type if something is required.
 *
 * @returns The names of the packages that were installed.
 * @throws {SiloError} before anything long is begun.
 */
export async function ensureHostPackages(host: Host, progress: Progress = silent): Promise<string[]> {
  const missing: HostPackage[] = [];
  for (const one of PACKAGES) if (await findProgram(host, one.program) === undefined) missing.push(one);
  if (await locateQemu(host) === undefined) {
    const [name, program] = host.architecture === "arm64"
      ? ["qemu-system-arm", "qemu-system-aarch64"]
      : ["qemu-system-x86", "qemu-system-x86_64"];
    missing.push({ name, program, need: "replaceable" });
  }
  const names = missing.map((one) => one.name);
  if (names.length === 0) return [];
  if (await canInstall(host)) {
    await installPackages(host, names, progress);
    return names;
  }
  const required = missing.filter((one) => one.need === "required").map((one) => one.name);
  if (required.length > 0) {
    throw new SiloError(`could not set up silo: ${required.join(", ")} must be installed by an administrator`, {
      hint: aptLine(names),
    });
  }
  return [];
}
