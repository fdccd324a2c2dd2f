/**
 * silo's own QEMU: what `scripts/build-qemu` built, or what a release brings. Apart from what looks for others, since
 * every run asks whether it is still the same.
 *
 * @module
 */
import { here, type Place } from "../../helper/place.ts";
import type { Host } from "../../host.ts";
import { toolchainDirectory } from "../toolchain_directory.ts";

export interface OwnQemu {
  /** Has `bin/` and `share/`. Absolute, free of symbolic links. */
  readonly directory: string;
  readonly program: string;
  /** Version of the Debian source package, as in "1:7.2+dfsg-7+deb12u18". */
  readonly debian: string;
  /** QEMU's own, as in "7.2.22". */
  readonly qemu: string;
  /** Of the program, hexadecimal. */
  readonly sha256: string;
  /** What is linked in, with the versions of the Debian source packages. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** In the toolchain cache a link to the one that was built or asked for last. */
export const OWN_QEMU_LINK = "silo-qemu";
/** Of an installation, below its prefix. */
export const OWN_QEMU_RELEASED = "libexec/silo/qemu";
const MARKER = "share/silo-qemu.json";

/** Whether there is one for such a host at all. */
export function hasOwnQemu(host: Pick<Host, "platform" | "architecture">): boolean {
  return host.platform === "linux" && host.architecture === "x86_64";
}

/** The files that say what it is, wherever it may be; best first. */
export function ownQemuMarkers(host: Host, place: Place = here()): string[] {
  if (!hasOwnQemu(host)) return [];
  const released = place.installed ? [`${place.prefix}/${OWN_QEMU_RELEASED}`] : [];
  return [...released, `${toolchainDirectory(host)}/${OWN_QEMU_LINK}`].map((path) => `${path}/${MARKER}`);
}

/** The best one that is there. */
export function findOwnQemu(host: Host, place: Place = here()): OwnQemu | undefined {
  for (const marker of ownQemuMarkers(host, place)) {
    const found = readOwnQemu(marker.slice(0, -MARKER.length - 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is in a directory that was made by `scripts/build-qemu`; undefined if it is not whole. */
export function readOwnQemu(directory: string): OwnQemu | undefined {
  try {
    const { debian, qemu, sha256, libraries } = JSON.parse(Deno.readTextFileSync(`${directory}/${MARKER}`));
    if (typeof debian !== "string" || typeof qemu !== "string") return undefined;
    const program = Deno.realPathSync(`${directory}/bin/qemu-system-x86_64`);
    return { directory: program.slice(0, program.lastIndexOf("/bin/")), program, debian, qemu, sha256, libraries };
  } catch {
    return undefined;
  }
}
