/**
 * The Debian package of a release.
 *
 * @module
 */
import { runCommand } from "../../src/debian/run_command.ts";
import { OWN_QEMU_RELEASED } from "../../src/debian/toolbox/own_qemu.ts";
import type { Target } from "./targets.ts";

export interface PackageInput {
  readonly version: string;
  readonly architecture: string;
  /** Of everything in it, KiB. */
  readonly installedKiB: number;
  /** Whether silo's QEMU is in it: then the host's is a second choice. */
  readonly hasQemu: boolean;
}

/** `DEBIAN/control`. */
export function control({ version, architecture, installedKiB, hasQemu }: PackageInput): string {
  const qemu = architecture === "arm64" ? "qemu-system-arm" : "qemu-system-x86";
  return `Package: silo
Version: ${version}
Architecture: ${architecture}
Maintainer: silo maintainers <maintainers@silo.invalid>
Installed-Size: ${installedKiB}
Section: devel
Priority: optional
Depends: libc6, libgcc-s1, xz-utils
Recommends: ${hasQemu ? "" : `${qemu}, `}bubblewrap, uidmap, mmdebstrap${hasQemu ? `\nSuggests: ${qemu}` : ""}
Description: run dev tools in fresh, throw-away micro-VMs
 Each run of a tool boots a virtual machine of its own that sees the project's
 directory and nothing else of the host, has no network card, and is gone when
 the tool ends. Exit codes, pipes, terminals and signals are as if the tool ran
 on the host.
`;
}

export const COPYRIGHT = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: silo

Files: *
Copyright: 2026 The silo authors
License: Apache-2.0
 On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.
`;

/** Of silo's QEMU. What is not silo's is in the archive that it was built from, and in Debian's own list. */
const QEMU_COPYRIGHT = `
Files: usr/libexec/silo/qemu/*
Copyright: 2003-2022 Fabrice Bellard and the QEMU Project developers
License: GPL-2
 The source is Debian's package "qemu" of the version that
 /usr/libexec/silo/qemu/share/silo-qemu.json names, with what is in
 scripts/qemu of silo's own source. Everybody who holds rights in it is named
 in /usr/libexec/silo/qemu/share/doc/qemu/copyright. On Debian systems the
 full text is in /usr/share/common-licenses/GPL-2.
`;

/** The guest has no libraries to link with; Deno is its makers' build. */
const OVERRIDES = `silo: statically-linked-binary *
silo: embedded-library *
silo: hardening-no-relro *
`;

/**
 * Makes the package out of a prefix, reproducibly: owners and times are fixed.
 *
 * @param prefix Becomes /usr.
 */
export async function makeDebianPackage(
  target: Target & { debian: string },
  version: string,
  prefix: string,
  output: string,
): Promise<void> {
  const work = await Deno.makeTempDir({ prefix: "silo-deb-" });
  try {
    const root = `${work}/root`;
    await Deno.mkdir(`${root}/DEBIAN`, { recursive: true });
    await runCommand(["cp", "-a", prefix, `${root}/usr`], { doing: "lay the package out" });
    const docs = `${root}/usr/share/doc/silo`;
    await Deno.mkdir(docs, { recursive: true });
    await Deno.remove(`${docs}/LICENSE`).catch(() => {});
    const hasQemu = await Deno.stat(`${prefix}/${OWN_QEMU_RELEASED}`).then(() => true, () => false);
    await Deno.writeTextFile(`${docs}/copyright`, COPYRIGHT + (hasQemu ? QEMU_COPYRIGHT : ""));
    const changes = `silo (${version}) unstable; urgency=medium\n\n  * See the project's history.\n\n` +
      ` -- silo maintainers <maintainers@silo.invalid>  Thu, 01 Jan 2026 00:00:00 +0000\n`;
    await Deno.writeTextFile(`${docs}/changelog`, changes);
    const texts = [`${docs}/changelog`, `${root}/usr/share/man/man1/silo.1`];
    await runCommand(["gzip", "-9n", ...texts], { doing: "compress the changelog and the manual page" });
    await Deno.mkdir(`${root}/usr/share/lintian/overrides`, { recursive: true });
    await Deno.writeTextFile(`${root}/usr/share/lintian/overrides/silo`, OVERRIDES);
    const size = await runCommand(["du", "-sk", "--apparent-size", `${root}/usr`], { doing: "measure the package" });
    const installedKiB = Number(size.split("\t")[0]);
    const fields = control({ version, architecture: target.debian, installedKiB, hasQemu });
    await Deno.writeTextFile(`${root}/DEBIAN/control`, fields);
    // What is asked for is exact: the modes that the umask of this moment left are not.
    await runCommand(["chmod", "-R", "u=rwX,go=rX", root], { doing: "set the package's modes" });
    const sums = 'cd "$1" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum > DEBIAN/md5sums';
    await runCommand(["sh", "-c", sums, "sh", root], { doing: "sum the package's files" });
    await runCommand(["sh", "-c", 'find "$1" -exec touch -hd @1767225600 {} +', "sh", root], {
      doing: "fix the times",
    });
    await runCommand(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z3", "--build", root, output], {
      doing: "build the Debian package",
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}
