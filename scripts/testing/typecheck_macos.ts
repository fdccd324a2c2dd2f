/** Type-checks the macOS-only Swift on Linux: `typecheck_macos.ts`. Exit code 0 if a Mac's compiler would be content. */
import { ensureSwift, swiftCommand } from "../../src/debian/toolbox/swift.ts";
import { realHost } from "../../src/host.ts";
import { SWIFT_PACKAGE } from "../setup/checkout.ts";

const host = realHost();
const toolchain = await ensureSwift(host);

/** `swift ARGS`, or its compiler if the first word is `swiftc`. */
async function swift(args: string[]): Promise<void> {
  const command = await swiftCommand(host, toolchain, args[0] === "swiftc" ? ["--version"] : args);
  if (args[0] === "swiftc") {
    const at = command.lastIndexOf("--version");
    command.splice(at - 1, 2, command[at - 1]!.replace(/swift$/, "swiftc"), ...args.slice(1));
  }
  const { code } = await new Deno.Command(command[0]!, { args: command.slice(1) }).spawn().status;
  if (code !== 0) {
    console.error(`typecheck-macos: swift ${args.slice(0, 8).join(" ")} … exited with ${code}`);
    Deno.exit(1);
  }
}

function sources(directory: string): string[] {
  return [...Deno.readDirSync(directory)].filter(({ name }) => name.endsWith(".swift")).map(({ name }) =>
    `${directory}/${name}`
  ).sort();
}

// The macOS half of what the package builds here with stand-ins, and the helper's entry point with it.
await swift(["build", "--quiet", "--package-path", SWIFT_PACKAGE, "--target", "SiloContainerization"]);
const built = `${SWIFT_PACKAGE}/.build/debug`;
const cModules = ["-Xcc", `-fmodule-map-file=${built}/CSilo.build/module.modulemap`];
const main = ["-swift-version", "6", "-package-name", "silo", "-I", `${built}/Modules`, ...cModules];
const files = sources(`${SWIFT_PACKAGE}/Sources/silo-helper`);
await swift(["swiftc", "-typecheck", "-module-name", "silo_helper", "-D", "SILO_STUBS", ...main, ...files]);
console.log("typecheck-macos: SiloContainerization and silo-helper agree with the stand-ins");
