/**
 * A Swift 6 compiler.
 *
 * @module
 */
import { SiloError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { ensurePrefix, type PrefixRecipe } from "../prefix.ts";
import { type Progress, silent } from "../progress.ts";
import { atLeast, findProgram } from "../run_command.ts";

const RECIPE: PrefixRecipe = {
  name: "swift",
  suite: "trixie",
  packages: ["swiftlang", "libc6-dev", "libstdc++-14-dev"],
  revision: 1,
  finish: mend,
};

/** Of a prefix, while it lies over /usr. */
export const CLANG = "/usr/libexec/swift/bin/clang";
/** For the package manager, which compiles with it, and for the driver, which links with it. */
const OWN_CLANG = [`CC=${CLANG}`, `SWIFT_DRIVER_CLANG_EXEC=${CLANG}`];

/** Where a compiler is: on PATH, or in a prefix whose usr/ has to lie over the host's while it runs. */
export type SwiftToolchain = { readonly kind: "host"; readonly swift: string } | {
  readonly kind: "prefix";
  readonly prefix: string;
};

/** What Package.swift asks for, and on a Mac that of Containerization (swift-tools-version 6.2). */
const LEAST = { linux: "6.0", macos: "6.2" };

/**
 * A `swift` on PATH that is new enough, else Debian's, unpacked into the toolchain cache (2.5 GB).
 *
 * @throws {SiloError} on a Mac without one.
 */
export async function ensureSwift(host: Host, progress: Progress = silent): Promise<SwiftToolchain> {
  const swift = await findProgram(host, "swift");
  const least = LEAST[host.platform];
  const version = swift === undefined ? undefined : await swiftVersion(swift);
  if (swift !== undefined && atLeast(version!, least)) return { kind: "host", swift };
  if (host.platform === "macos") {
    const found = swift === undefined ? "there is none on PATH" : `${swift} is ${version === "0" ? "none" : version}`;
    throw new SiloError(`could not find a Swift compiler of version ${least} or newer: ${found}`, {
      hint: "Install Xcode 26 or newer, then: sudo xcode-select --switch /Applications/Xcode.app",
    });
  }
  return { kind: "prefix", prefix: await ensurePrefix(host, RECIPE, progress) };
}

/**
 * The command that runs `swift ARGS`.
 *
 * The programs of a prefix expect to be in /usr. They see it there in a mount namespace of their own, where the
 * prefix's usr/ lies over the host's: same paths, same working directory, the host's tools still there. Root may make
 * one; others may inside a user namespace; where neither is allowed, proot does the same, slower. Its C compiler is its
 * own, too: an older clang of the host's would be found first, which does not know all of the flags.
 *
 * @throws {SiloError} if none of the three works here.
 */
export async function swiftCommand(host: Host, toolchain: SwiftToolchain, args: readonly string[]): Promise<string[]> {
  if (toolchain.kind === "host") return [toolchain.swift, ...args];
  const { prefix } = toolchain;
  const mount = `drop=$1; shift; mount -t overlay swift -o "lowerdir=$0/usr:/usr" /usr && exec $drop env ${
    OWN_CLANG.join(" ")
  } "$@"`;
  const keep = host.uid === 0 ? [] : ["--map-current-user", "--keep-caps"];
  const drop = host.uid === 0 ? "" : "setpriv --ambient-caps=-all --inh-caps=-all --";
  const inNamespace = (...command: string[]) => [
    ...["unshare", ...keep, "--mount", "--propagation", "private"],
    ...["/bin/sh", "-c", mount, prefix, drop, ...command],
  ];
  if (await succeeds(inNamespace("true"))) return inNamespace("/usr/bin/swift", ...args);
  const proot = await findProgram(host, "proot");
  if (proot !== undefined) {
    return [
      ...[proot, "-b", `${prefix}/usr:/usr`, "-w", Deno.cwd()],
      ...["/usr/bin/env", ...OWN_CLANG, "/usr/bin/swift", ...args],
    ];
  }
  throw new SiloError("could not run the Swift compiler: this host allows neither mounts nor user namespaces", {
    hint: "sudo apt-get install proot\nor put a swift of version 6.0 or newer on PATH",
  });
}

async function succeeds([program, ...args]: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program!, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

async function swiftVersion(swift: string): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(swift, { args: ["--version"], stderr: "null" }).output();
    return new TextDecoder().decode(stdout).match(/Swift version (\d+(?:\.\d+)*)/)?.[1] ?? "0";
  } catch {
    return "0"; // OpenStack's client has the same name, among others
  }
}

async function mend(prefix: string): Promise<void> {
  // Debian's alternatives would make this link.
  await Deno.symlink("../libexec/swift/bin/swift", `${prefix}/usr/bin/swift`).catch(() => {});
  await dropIcu(`${prefix}/usr/libexec/swift/lib/swift_static/linux/static-executable-args.lnk`);
  // Laid over the host's /usr, the host's older gold would be found first.
  const triplet = Deno.build.arch === "aarch64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  for (const name of ["ld.gold", `${triplet}-ld.gold`]) {
    await Deno.symlink(`${triplet}-ld.bfd`, `${prefix}/usr/bin/${name}`).catch(() => {});
  }
}

/** Debian's 6.0.3 asks for ICU archives that it does not ship when it links with -static-executable. */
export async function dropIcu(args: string): Promise<void> {
  const lines = (await Deno.readTextFile(args)).split("\n");
  await Deno.writeTextFile(args, lines.filter((line) => !/icu.*swift/.test(line)).join("\n"));
}
