/** Type-checks the macOS-only Swift on Linux: `typecheck_macos.ts`. Exit code 0 if a Mac's compiler would be content. */
import { CLANG, ensureSwift, swiftCommand, type SwiftToolchain } from "../../src/debian/toolbox/swift.ts";
import { realHost } from "../../src/host.ts";
import { SWIFT_PACKAGE } from "../setup/checkout.ts";
import { needsAll, NOT_LINUX } from "./c_elsewhere.ts";

const host = realHost();
const toolchain = await ensureSwift(host);

/** `swift ARGS`; or its compilers, if the first word is `swiftc` or `clang`. */
async function swift(args: string[]): Promise<void> {
  const [first, ...rest] = args as [string, ...string[]];
  const isCompiler = first === "swiftc" || first === "clang";
  const command = await swiftCommand(host, toolchain, isCompiler ? ["--version"] : args);
  if (isCompiler) {
    const at = command.lastIndexOf("--version");
    const program = first === "clang" ? clangOf(toolchain) : command[at - 1]!.replace(/swift$/, first);
    command.splice(at - 1, 2, program, ...rest);
  }
  const { code } = await new Deno.Command(command[0]!, { args: command.slice(1) }).spawn().status;
  if (code !== 0) {
    console.error(`typecheck-macos: ${isCompiler ? "" : "swift "}${args.slice(0, 8).join(" ")} … exited with ${code}`);
    Deno.exit(1);
  }
}

/** The clang that comes with Swift. */
function clangOf(toolchain: SwiftToolchain): string {
  if (toolchain.kind === "prefix") return CLANG;
  return Deno.realPathSync(toolchain.swift).replace(/[^/]*$/, "clang");
}

/** Compiles and links the C that a Mac's programs have, too. */
async function checkC(): Promise<void> {
  const [directory, work] = [`${SWIFT_PACKAGE}/Sources/CSilo`, Deno.makeTempDirSync({ prefix: "silo-c-" })];
  try {
    const headers = [...Deno.readDirSync(`${directory}/include`)].map(({ name }) => name).filter((name) =>
      name.startsWith("silo_")
    ).sort().map((name) => ({ name, text: Deno.readTextFileSync(`${directory}/include/${name}`) }));
    Deno.writeTextFileSync(`${work}/all.c`, needsAll(headers));
    const flags = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", ...NOT_LINUX, "-I", `${directory}/include`];
    await swift(["clang", ...flags, ...sources(directory, ".c"), `${work}/all.c`, "-o", `${work}/all`]);
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
}

function sources(directory: string, ending = ".swift"): string[] {
  return [...Deno.readDirSync(directory)].filter(({ name }) => name.endsWith(ending)).map(({ name }) =>
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
await checkC();
console.log("typecheck-macos: SiloContainerization and silo-helper agree with the stand-ins, and the C needs no Linux");
