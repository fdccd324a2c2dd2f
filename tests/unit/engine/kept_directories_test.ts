import { ok, throws } from "node:assert/strict";
import { assertShareable } from "../../../src/config/project.ts";
import { keptDirectories } from "../../../src/engine/kept_directories.ts";
import { here, ownPrograms } from "../../../src/helper/place.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const ROOT = decodeURIComponent(new URL("../../..", import.meta.url).pathname).replace(/\/$/, "");

Deno.test("a checkout of silo, its parents and its programs are not shared; what else lies in it may be", () => {
  const host = fakeHost();
  const share = (path: string) => assertShareable(path, "as the project", host, keptDirectories(host));
  for (const path of [ROOT, ROOT.slice(0, ROOT.lastIndexOf("/")) || "/", `${ROOT}/src/engine`, `${ROOT}/build`]) {
    throws(() => share(path), /silo|file system/, path);
  }
  share(`${ROOT}/examples/hello`);
});

Deno.test("programs that silo fetched for itself are not shared, wherever they are", () => {
  const host = fakeHost({ env: { SILO_TOOLCHAIN: "/var/tmp/chain" } });
  for (const [directory, own] of [["/var/tmp", host], ["/home/me/.cache", fakeHost()]] as const) {
    throws(() => assertShareable(directory, "as /d", own, keptDirectories(own)), /silo keeps its own programs/);
  }
});

Deno.test("an installed silo's programs are among its own", () => {
  const own = ownPrograms(here("/home/me/opt/bin/silo", "file:///embedded/src/helper/place.ts", true));
  ok(own.includes("/home/me/opt/bin/silo") && own.includes("/home/me/opt/libexec/silo"));
});

Deno.test("what does not exist yet is found by what exists of it", () => {
  using directory = temporaryDirectory();
  Deno.mkdirSync(`${directory.path}/real`);
  Deno.symlinkSync("real", `${directory.path}/link`);
  const host = fakeHost({ siloHome: `${directory.path}/link/not/yet` });
  ok(keptDirectories(host).includes(`${directory.path}/real/not/yet`), keptDirectories(host).join());
});
