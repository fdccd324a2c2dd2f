/**
 * Which modules the macOS-only code imports, and which of them there are stubs for.
 *
 * @module
 */

/** Where the macOS-only code and the stubs are, below the checkout. */
export const MACOS_SOURCES = "swift-helper/Sources/SiloContainerization";
export const STUBS = "swift-helper/macos-stubs";

/** The modules that a Swift file imports, in its order. */
export function importsOf(source: string): string[] {
  return [...source.matchAll(/^[ \t]*(?:@\w+(?:\([^)]*\))?[ \t]+)*import[ \t]+(?:\w+[ \t]+)?(\w+)/gm)].map((match) =>
    match[1]!
  );
}

/** Modules that Linux has itself: its toolchain's and ours. */
export function isKnownOnLinux(module: string): boolean {
  return module.startsWith("Silo") || ["Foundation", "Glibc", "Darwin", "Synchronization", "CSilo"].includes(module);
}

/** The modules that there are stubs for. */
export function stubModules(root: string): string[] {
  return [...Deno.readDirSync(`${root}/${STUBS}`)].filter((entry) => entry.isDirectory).map(({ name }) => name).sort();
}

/** What the stubs of a module import of other stubs. */
export function stubImports(root: string, module: string): string[] {
  const stubs = stubModules(root);
  const files = [...Deno.readDirSync(`${root}/${STUBS}/${module}`)].map(({ name }) => name);
  const imports = files.flatMap((name) => importsOf(Deno.readTextFileSync(`${root}/${STUBS}/${module}/${name}`)));
  return [...new Set(imports.filter((name) => stubs.includes(name)))].sort();
}

/** What the macOS-only code imports that Linux does not have. */
export function foreignImports(root: string): string[] {
  const directory = `${root}/${MACOS_SOURCES}`;
  const found = new Set<string>();
  for (const { name } of Deno.readDirSync(directory)) {
    for (const module of importsOf(Deno.readTextFileSync(`${directory}/${name}`))) {
      if (!isKnownOnLinux(module)) found.add(module);
    }
  }
  return [...found].sort();
}
