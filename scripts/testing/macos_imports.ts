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
  return importsOf(Deno.readTextFileSync(`${root}/${STUBS}/${module}/${module}.swift`)).filter((name) =>
    stubs.includes(name)
  );
}

/** Stubs so that each comes after those that it imports. */
export function stubsInOrder(root: string): string[] {
  const ordered: string[] = [];
  const visit = (module: string) => {
    if (ordered.includes(module)) return;
    for (const needed of stubImports(root, module)) visit(needed);
    ordered.push(module);
  };
  for (const module of stubModules(root)) visit(module);
  return ordered;
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
