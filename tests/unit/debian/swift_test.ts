/** Which Swift compiler is taken. */
import { deepStrictEqual as same, ok, rejects } from "node:assert/strict";
import { ensureSwift, swiftCommand } from "../../../src/debian/toolbox/swift.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

function swift(directory: string, says: string): string {
  Deno.writeTextFileSync(`${directory}/swift`, `#!/bin/sh\necho "${says}"\n`, { mode: 0o755 });
  return directory;
}

Deno.test("a compiler on PATH is taken if it is new enough for the platform", async () => {
  using directory = temporaryDirectory();
  const PATH = swift(directory.path, "Apple Swift version 6.2.1 (swiftlang-6.2.1.4.8 clang-1700.4.4.1)");
  const found = { kind: "host", swift: `${directory.path}/swift` };
  for (const platform of ["linux", "macos"] as const) {
    same(await ensureSwift(fakeHost({ platform, env: { PATH } })), found);
  }
});

Deno.test("on a Mac nothing of Debian stands in for a compiler: it is said which one is needed", async () => {
  using directory = temporaryDirectory();
  const on = (PATH: string) => ensureSwift(fakeHost({ platform: "macos", env: { PATH } }));
  await rejects(on("/nowhere"), /of version 6\.2 or newer: there is none on PATH/);
  await rejects(on(swift(directory.path, "Apple Swift version 6.1")), /swift is 6\.1$/);
});

Deno.test("a compiler of Debian's packages brings its own clang, whichever one the host has", async () => {
  using directory = temporaryDirectory();
  Deno.mkdirSync(`${directory.path}/usr`);
  const command = await swiftCommand(fakeHost(), { kind: "prefix", prefix: directory.path }, ["build"]);
  ok(command.join(" ").includes("CC=/usr/libexec/swift/bin/clang"), command.join(" "));
  same(command.slice(-2), ["/usr/bin/swift", "build"]);
});
