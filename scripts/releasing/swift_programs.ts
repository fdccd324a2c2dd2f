/**
 * The Swift programs of a target: built here where that is possible, else taken from where another machine's build put
 * them.
 *
 * @module
 */
import { runCommand } from "../../src/debian/run_command.ts";
import { ensureSwift, swiftCommand } from "../../src/debian/toolbox/swift.ts";
import { arm64Flags } from "../../src/debian/toolbox/swift_arm64_sdk.ts";
import { realHost } from "../../src/host.ts";
import { BUILD, SWIFT_PACKAGE } from "../setup/checkout.ts";
import { ownTarget, type Target } from "./targets.ts";

export interface SwiftPrograms {
  readonly helper?: string | undefined;
  readonly guest?: string | undefined;
  /** What is not there, and how to get it. */
  readonly missing: readonly string[];
}

/** Where a job that built elsewhere puts a target's programs: `build/programs-NAME/`. */
export function programsDirectory(target: Target): string {
  return `${BUILD}/programs-${target.name}`;
}

/**
 * Programs that were built elsewhere first, then this checkout's own, then those that can be built for another
 * processor. The guest is always a program of Linux: on a Mac it runs in the VM.
 */
export async function swiftPrograms(target: Target): Promise<SwiftPrograms> {
  const host = realHost();
  const own = ownTarget(host);
  let [helper, guest] = await found(programsDirectory(target));
  if (own.name === target.name) {
    const built = await found(BUILD);
    [helper, guest] = [helper ?? built[0], guest ?? built[1]];
  }
  if (host.platform === "linux" && own.name !== target.name && target.architecture === "arm64") {
    if (target.platform === "linux") helper ??= await buildForArm64("silo-helper");
    guest ??= await buildForArm64("silo-guest");
  }
  const missing: string[] = [];
  const directory = programsDirectory(target);
  const where = target.platform === "macos" ? "on a Mac" : `on ${target.name}`;
  if (helper === undefined) missing.push(`there is no silo-helper: build it ${where} and put it into ${directory}`);
  if (guest === undefined) missing.push(`there is no silo-guest: build it on Linux and put it into ${directory}`);
  return { helper, guest, missing };
}

async function found(directory: string): Promise<(string | undefined)[]> {
  return await Promise.all(["silo-helper", "silo-guest"].map(async (name) => {
    const path = `${directory}/${name}`;
    return await Deno.stat(path).then((info) => info.isFile ? path : undefined, () => undefined);
  }));
}

/** Builds one program for Linux on arm64 with a Swift SDK of Debian's arm64 packages. Returns its path. */
export async function buildForArm64(program: string): Promise<string> {
  const host = realHost();
  const scratch = `${BUILD}/swift-arm64`;
  const words = ["build", "--package-path", SWIFT_PACKAGE, "--scratch-path", scratch, "-c", "release"];
  const toolchain = await ensureSwift(host);
  const flags = await arm64Flags(host, toolchain);
  const command = await swiftCommand(host, toolchain, [...words, "--product", program, ...flags]);
  // What the compiler says is all on stderr here: a failure's message takes its last lines from there.
  await runCommand(["/bin/sh", "-c", 'exec "$@" 1>&2', "sh", ...command], { doing: `build ${program} for arm64` });
  return `${scratch}/aarch64-unknown-linux-gnu/release/${program}`;
}
