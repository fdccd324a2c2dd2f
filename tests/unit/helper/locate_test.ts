import { deepStrictEqual as same, match, ok, strictEqual as eq, throws } from "node:assert/strict";
import { locateGuest, mend } from "../../../src/helper/locate.ts";
import { here, ownPrograms, programPath, registryDirectories } from "../../../src/helper/place.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const EMBEDDED = "file:///tmp/deno-compile-silo/src/helper/locate.ts";

Deno.test("a checkout's parts are in build/ and registry/", () => {
  const place = here("/opt/deno", "file:///home/me/si%20lo/src/helper/locate.ts", false);
  eq(programPath(undefined, "silo-helper", place), "/home/me/si lo/build/silo-helper");
  same(registryDirectories(place), ["/home/me/si lo/registry"]);
  match(mend(place), /scripts\/build/);
});

Deno.test("a checkout on a Mac is told how it gets the agent, which is a program of Linux", () => {
  const place = here("/opt/deno", "file:///none/src/helper/locate.ts", false);
  const hint = (platform: "linux" | "macos", at = place) => {
    let said = "";
    throws(() => locateGuest(fakeHost({ platform, env: {} }), at), (error: { hint?: string }) => {
      said = error.hint!;
      return true;
    });
    return said;
  };
  match(hint("macos"), /scripts\/release --target macos-arm64[^]*put it into \/none\/build\.$/);
  match(hint("linux"), /^Run scripts\/build\.$/);
  const keg = here("/x/Cellar/silo/1/bin/silo", EMBEDDED, true);
  match(hint("macos", keg), /brew reinstall/, "an installation has it");
});

Deno.test("a compiled silo's parts are beside it, also by a link to it", () => {
  using directory = temporaryDirectory();
  const keg = `${Deno.realPathSync(directory.path)}/Cellar/silo/0.1.0`;
  Deno.mkdirSync(`${keg}/bin`, { recursive: true });
  Deno.writeTextFileSync(`${keg}/bin/silo`, "");
  Deno.symlinkSync(`${keg}/bin/silo`, `${directory.path}/silo`);
  const place = here(`${directory.path}/silo`, EMBEDDED, true);
  eq(programPath(undefined, "silo-guest", place), `${keg}/libexec/silo/silo-guest`);
  same(registryDirectories(place), ["/tmp/deno-compile-silo/registry", `${keg}/share/silo/registry`]);
  match(mend(place), /brew reinstall/);
});

Deno.test("no program is taken from where files are embedded: anybody may make that directory", () => {
  const place = here("/usr/bin/silo", EMBEDDED, true);
  for (const path of [programPath(undefined, "silo-helper", place), ...ownPrograms(place)]) {
    ok(!path.startsWith("/tmp/"), path);
  }
});

Deno.test("a bundle's parts are in the prefix that it lies in", () => {
  const place = here("/usr/libexec/silo/deno", "file:///usr/libexec/silo/js/chunk-1.js", false);
  eq(programPath(undefined, "silo-helper", place), "/usr/libexec/silo/silo-helper");
  ok(ownPrograms(place).includes("/usr/bin/silo"));
  match(mend(place), /apt-get install --reinstall/);
});

Deno.test("a program that the environment names is the only one", () => {
  eq(programPath("/x/helper", "silo-helper"), "/x/helper");
});
