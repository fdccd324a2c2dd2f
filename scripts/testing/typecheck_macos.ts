/** Type-checks the macOS-only Swift on Linux: `typecheck_macos.ts`. Exit code 0 if a Mac's compiler would be content. */
import { ensureSwift, swiftCommand } from "../../src/debian/toolbox/swift.ts";
import { realHost } from "../../src/host.ts";
import { ROOT, SWIFT_PACKAGE } from "../setup/checkout.ts";
import { MACOS_SOURCES, STUBS, stubsInOrder } from "./macos_imports.ts";

const host = realHost();
const toolchain = await ensureSwift(host);
const work = await Deno.makeTempDir({ prefix: "silo-typecheck-" });

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

try {
  // The modules that the macOS half stands on, as Linux builds them.
  await swift(["build", "--quiet", "--package-path", SWIFT_PACKAGE, "--target", "SiloApple"]);
  const built = `${SWIFT_PACKAGE}/.build/debug`;
  const cModules = ["CSilo"].flatMap((name) => ["-Xcc", `-fmodule-map-file=${built}/${name}.build/module.modulemap`]);
  const common = ["-swift-version", "6", "-package-name", "silo", "-I", work, "-I", `${built}/Modules`, ...cModules];
  for (const module of stubsInOrder(ROOT)) {
    const out = ["-emit-module", "-parse-as-library", "-module-name", module, "-o", `${work}/${module}.swiftmodule`];
    await swift(["swiftc", ...out, ...common, ...sources(`${ROOT}/${STUBS}/${module}`)]);
  }
  const module = ["-emit-module", "-parse-as-library", "-module-name", "SiloContainerization"];
  const target = ["-o", `${work}/SiloContainerization.swiftmodule`, "-D", "SILO_STUBS"];
  await swift([
    "swiftc",
    "-warnings-as-errors",
    ...module,
    ...target,
    ...common,
    ...sources(`${ROOT}/${MACOS_SOURCES}`),
  ]);
  const main = sources(`${SWIFT_PACKAGE}/Sources/silo-helper`);
  await swift(["swiftc", "-typecheck", "-module-name", "silo_helper", "-D", "SILO_STUBS", ...common, ...main]);
  console.log("typecheck-macos: SiloContainerization and silo-helper agree with the stubs");
} finally {
  await Deno.remove(work, { recursive: true });
}
