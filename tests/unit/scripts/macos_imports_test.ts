import { deepStrictEqual as same, ok } from "node:assert/strict";
import { foreignImports, importsOf, stubImports, stubModules } from "../../../scripts/testing/macos_imports.ts";
import { APPLE_SOURCES } from "../../../src/machine/apple/sources.ts";

const ROOT = decodeURIComponent(new URL("../../..", import.meta.url).pathname).replace(/\/$/, "");

Deno.test("there are stubs for what the macOS code imports, and for nothing that nobody imports", () => {
  const needed = new Set(foreignImports(ROOT));
  for (const module of needed) for (const below of stubImports(ROOT, module)) needed.add(below);
  same(stubModules(ROOT), [...needed].sort());
});

Deno.test("Apple's frameworks are imported in one target only", () => {
  const directory = `${ROOT}/swift-helper/Sources`;
  for (const target of Deno.readDirSync(directory)) {
    if (target.name === "SiloContainerization") continue;
    for (const file of Deno.readDirSync(`${directory}/${target.name}`)) {
      if (!file.name.endsWith(".swift")) continue;
      const imports = importsOf(Deno.readTextFileSync(`${directory}/${target.name}/${file.name}`));
      const foreign = imports.filter((name) => /^(Containerization|Virtualization|Security|vmnet)/.test(name));
      same(foreign, [], `${target.name}/${file.name}`);
    }
  }
});

Deno.test("the package's stand-ins are those that are there, with what they import", () => {
  const manifest = Deno.readTextFileSync(`${ROOT}/swift-helper/Package.swift`);
  const listed = [...manifest.matchAll(/^ {8}"(\w+)": \[([^\]]*)\],$/gm)].map((match) =>
    [match[1]!, [...match[2]!.matchAll(/"(\w+)"/g)].map((it) => it[1]!)] as const
  );
  same(listed.map(([name]) => name), stubModules(ROOT));
  for (const [name, needed] of listed) same(needed, stubImports(ROOT, name), name);
});

Deno.test("imports are found with attributes, kinds and indentation", () => {
  same(importsOf("import A\n    @preconcurrency import B\nimport struct C.D\n// import E\n@_exported import F"), [
    "A",
    "B",
    "C",
    "F",
  ]);
});

Deno.test("the file paths are the package's, never beside those of System; a container is made in one place", () => {
  const directory = `${ROOT}/swift-helper/Sources/SiloContainerization`;
  let made = 0;
  for (const { name } of Deno.readDirSync(directory)) {
    const source = Deno.readTextFileSync(`${directory}/${name}`);
    same(importsOf(source).filter((module) => module === "System"), [], name);
    made += source.match(/\bLinuxContainer\(/g)?.length ?? 0;
  }
  same(made, 1);
});

Deno.test("the manifest, the driver and the init image name one version of Containerization", () => {
  const manifest = Deno.readTextFileSync(`${ROOT}/swift-helper/Package.swift`);
  const host = Deno.readTextFileSync(`${ROOT}/swift-helper/Sources/SiloContainerization/ContainerizationHost.swift`);
  const version = manifest.match(/containerization\.git", exact: "([\d.]+)"/)?.[1];
  ok(version);
  same(host.match(/libraryVersion = "([\d.]+)"/)?.[1], version);
  same(APPLE_SOURCES.init.reference.split(":").at(-1), version);
});
