/**
 * Building the two Swift programs.
 *
 * @module
 */
import type { Progress } from "../../src/debian/progress.ts";
import { runCommand } from "../../src/debian/run_command.ts";
import { swiftCommand, type SwiftToolchain } from "../../src/debian/toolbox/swift.ts";
import type { Host } from "../../src/host.ts";
import { BUILD, SWIFT_PACKAGE } from "./checkout.ts";

/** On a Mac the guest is a program of another system: it is built on Linux. */
const PROGRAMS = { linux: ["silo-helper", "silo-guest"], macos: ["silo-helper"] };
const ENTITLEMENTS = `${SWIFT_PACKAGE}/silo-helper.entitlements`;
/**
 * Both are linked statically on Linux: the compiler's C library may be newer than the host's, and the guest has none.
 * Without symbols the agent, which is unpacked into memory at every cold boot, is half as large.
 */
const LINUX_FLAGS = ["-Xswiftc", "-static-executable", "-Xlinker", "-s"];

/**
 * Builds this platform's and puts them into `build/`, each whole or as it was: a helper that is running keeps its file.
 *
 * @param extra More arguments for `swift build`.
 * @throws {SiloError} with the compiler's last lines.
 */
export async function buildPrograms(
  host: Host,
  toolchain: SwiftToolchain,
  progress: Progress,
  extra: readonly string[] = [],
): Promise<void> {
  const task = "swift build";
  const flags = host.platform === "linux" ? LINUX_FLAGS : [];
  const scratch = `${BUILD}/swift`;
  const product = host.platform === "macos" ? ["--product", "silo-helper"] : [];
  const common = [
    ...["--package-path", SWIFT_PACKAGE, "--scratch-path", scratch, "-c", "release"],
    ...product,
    ...flags,
    ...extra,
  ];
  const argv = await swiftCommand(host, toolchain, ["build", ...common]);
  // What the compiler says is all on stderr here: a failure's message takes its last lines from there.
  await runCommand(["/bin/sh", "-c", 'exec "$@" 1>&2', "sh", ...argv], {
    doing: `build ${PROGRAMS[host.platform].join(" and ")}`,
    // The linker's warnings about static linking are many and known; steps look like "[3/10] Compiling".
    onLine: (line) => /^\[\d+\/\d+\]/.test(line) && progress({ task, phase: line.replace(/^\[\d+\/\d+\] /, "") }),
  });
  for (const program of PROGRAMS[host.platform]) {
    const temporary = `${BUILD}/.${program}.new`;
    await Deno.copyFile(`${scratch}/release/${program}`, temporary);
    await Deno.chmod(temporary, 0o755);
    if (host.platform === "macos") await sign(temporary);
    if (await sameContent(temporary, `${BUILD}/${program}`)) await Deno.remove(temporary);
    else await Deno.rename(temporary, `${BUILD}/${program}`);
  }
}

/** Without it no VM starts; every link drops it. Ad hoc: no certificate is needed. */
async function sign(program: string): Promise<void> {
  const words = ["codesign", "--force", "--sign", "-", "--timestamp=none", "--entitlements", ENTITLEMENTS, program];
  await runCommand(words, { doing: "sign silo-helper" });
}

/** An unchanged program keeps its file, and with it the machine that was prepared for it. */
async function sameContent(a: string, b: string): Promise<boolean> {
  const { success } = await new Deno.Command("cmp", { args: ["-s", a, b] }).output();
  return success;
}
