/**
 * A Swift SDK that builds programs for Linux on arm64, made of Debian's arm64 packages: the compiler of this host, the
 * libraries of that one.
 *
 * @module
 */
import type { Host } from "../../host.ts";
import { ensurePrefix, prefixCommand, type PrefixRecipe } from "../prefix.ts";
import { type Progress, silent } from "../progress.ts";
import { CLANG, dropIcu, type SwiftToolchain } from "./swift.ts";

/** What `swift sdk list` and `swift build --swift-sdk` call it. */
export const ARM64_SDK = "silo-aarch64-linux";
const TRIPLE = "aarch64-unknown-linux-gnu";
/** The same release as the compiler's: modules are readable by their own compiler only. */
const RECIPE: PrefixRecipe = {
  name: "swift-sdk",
  suite: "trixie",
  packages: ["libswiftlang", "swiftlang", "libc6", "libc6-dev", "linux-libc-dev", "libgcc-14-dev", "libgcc-s1"]
    .concat(["libstdc++-14-dev", "libstdc++6", "libcrypt-dev"]),
  revision: 1,
  alone: true,
  finish,
};

/**
 * The directory to give to `swift build --swift-sdks-path`; made if it is not there (downloads about 200 MB).
 *
 * @throws {SiloError} if the packages cannot be had.
 */
export async function ensureArm64Sdk(host: Host, progress: Progress = silent): Promise<string> {
  return await ensurePrefix({ ...host, architecture: "arm64" }, RECIPE, progress);
}

/** A linker for arm64 that runs on this host. */
const LINKER: PrefixRecipe = {
  name: "binutils-arm64",
  suite: "trixie",
  packages: ["binutils-aarch64-linux-gnu"],
  revision: 1,
};

/**
 * Arguments of `swift build` that make it build for Linux on arm64, statically.
 *
 * @throws {SiloError} if the packages cannot be had.
 */
export async function arm64Flags(
  host: Host,
  toolchain: SwiftToolchain,
  progress: Progress = silent,
): Promise<string[]> {
  const sdk = await ensureArm64Sdk(host, progress);
  const binutils = await ensurePrefix(host, LINKER, progress);
  // The compiler calls its linker by a path; this one needs the libraries of its own prefix.
  const linker = `${binutils}/aarch64-linux-gnu-ld`;
  const command = prefixCommand(binutils, "usr/bin/aarch64-linux-gnu-ld.bfd", host.architecture);
  await Deno.writeTextFile(linker, `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`, { mode: 0o755 });
  const gcc = `${sdk}/usr/lib/gcc/aarch64-linux-gnu/14`;
  return [
    ...["--swift-sdks-path", sdk, "--swift-sdk", ARM64_SDK],
    ...["--static-swift-stdlib", "-Xswiftc", "-static-executable", "-Xswiftc", `-use-ld=${linker}`],
    // Where the driver looks for the clang that it links with; the description of the SDK says /usr/bin.
    ...(toolchain.kind === "host" ? [] : ["-Xswiftc", "-tools-directory", "-Xswiftc", CLANG.replace(/\/clang$/, "")]),
    // Where gcc's start files and libraries are: this host's compiler looks for those of its own processor.
    ...["-Xswiftc", "-Xclang-linker", "-Xswiftc", `--gcc-install-dir=${gcc}`],
    ...["-Xcc", `--gcc-install-dir=${gcc}`, "-Xlinker", "-s"],
  ];
}

/** Keeps libraries and headers, and describes them in an artifact bundle whose sysroot is the prefix itself. */
async function finish(prefix: string): Promise<void> {
  const lib = `${prefix}/usr/libexec/swift/lib`;
  for await (const { name } of Deno.readDir(lib)) {
    if (!["swift", "swift_static", "clang"].includes(name)) await Deno.remove(`${lib}/${name}`, { recursive: true });
  }
  // Programs for another processor.
  for (const path of ["usr/libexec/swift/bin", "usr/bin", "usr/share"]) {
    await Deno.remove(`${prefix}/${path}`, { recursive: true }).catch(() => {});
  }
  await dropIcu(`${lib}/swift_static/linux/static-executable-args.lnk`);
  const bundle = `${prefix}/${ARM64_SDK}.artifactbundle`;
  const inside = `${bundle}/${ARM64_SDK}/${TRIPLE}`;
  await Deno.mkdir(inside, { recursive: true });
  await writeJson(`${bundle}/info.json`, {
    schemaVersion: "1.0",
    artifacts: {
      [ARM64_SDK]: { type: "swiftSDK", version: "6.0.3", variants: [{ path: `${ARM64_SDK}/${TRIPLE}` }] },
    },
  });
  await Deno.symlink("../../..", `${inside}/root`);
  await writeJson(`${inside}/swift-sdk.json`, {
    schemaVersion: "4.0",
    targetTriples: {
      [TRIPLE]: {
        sdkRootPath: "root",
        swiftResourcesPath: "root/usr/libexec/swift/lib/swift",
        swiftStaticResourcesPath: "root/usr/libexec/swift/lib/swift_static",
        toolsetPaths: ["toolset.json"],
      },
    },
  });
  await writeJson(`${inside}/toolset.json`, { schemaVersion: "1.0", rootPath: "/usr/bin" });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(value, null, 2) + "\n");
}
