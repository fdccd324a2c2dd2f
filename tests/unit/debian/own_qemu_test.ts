/** Which QEMU is taken where there are several. */
import { deepStrictEqual as same, strictEqual as eq } from "node:assert/strict";
import { findOwnQemu, ownQemuMarkers } from "../../../src/debian/toolbox/own_qemu.ts";
import { locateQemu } from "../../../src/debian/toolbox/qemu.ts";
import type { Host } from "../../../src/host.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const NAME = "qemu-system-x86_64";

function program(path: string, version: string): string {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(path, `#!/bin/sh\necho "QEMU emulator version ${version}"\n`);
  Deno.chmodSync(path, 0o755);
  return path;
}

function own(directory: string, debian: string): string {
  const path = program(`${directory}/bin/${NAME}`, "7.2.22");
  Deno.mkdirSync(`${directory}/share`);
  const marker = { debian, qemu: "7.2.22", sha256: "00", libraries: {} };
  Deno.writeTextFileSync(`${directory}/share/silo-qemu.json`, JSON.stringify(marker));
  return path;
}

function hostIn(directory: string, env: Record<string, string> = {}): Host {
  return fakeHost({ env: { PATH: `${directory}/path`, SILO_TOOLCHAIN: `${directory}/cache`, ...env } });
}

Deno.test("SILO_QEMU comes first, then silo's own, then the host's", async () => {
  using directory = temporaryDirectory();
  const host = hostIn(directory.path);
  eq(await locateQemu(host), undefined);
  const installed = program(`${directory.path}/path/${NAME}`, "7.2.1");
  same(await locateQemu(host), [installed]);
  const built = own(`${directory.path}/cache/silo-qemu-0123456789ab`, "1:7.2-1");
  same(await locateQemu(host), [installed], "the link is what counts");
  Deno.symlinkSync("silo-qemu-0123456789ab", `${directory.path}/cache/silo-qemu`);
  same(await locateQemu(host), [built], "by its own path, which stays when the link does not");
  same(await locateQemu(hostIn(directory.path, { SILO_QEMU: "/other" })), ["/other"]);
});

Deno.test("one of silo's own that is not whole, or does not start, is none", async () => {
  using directory = temporaryDirectory();
  const host = hostIn(directory.path);
  const installed = program(`${directory.path}/path/${NAME}`, "7.2.1");
  const built = own(`${directory.path}/cache/silo-qemu`, "1:7.2-1");
  Deno.writeTextFileSync(built, "#!/bin/sh\nexit 1\n");
  same(await locateQemu(host), [installed]);
  program(built, "7.2.22");
  same(await locateQemu(host), [built]);
  Deno.writeTextFileSync(`${directory.path}/cache/silo-qemu/share/silo-qemu.json`, '{"debian":');
  same(await locateQemu(host), [installed]);
});

Deno.test("what a release brings comes before the toolchain cache; other hosts have none", () => {
  using directory = temporaryDirectory();
  const host = hostIn(directory.path);
  const prefix = `${directory.path}/usr`;
  const place = { installed: true, prefix, executable: `${prefix}/bin/silo`, embedded: prefix };
  own(`${directory.path}/cache/silo-qemu`, "1:7.2-1");
  eq(findOwnQemu(host, place)?.debian, "1:7.2-1");
  own(`${prefix}/libexec/silo/qemu`, "1:7.2-2");
  eq(findOwnQemu(host, place)?.debian, "1:7.2-2");
  eq(findOwnQemu(host, { ...place, installed: false })?.debian, "1:7.2-1");
  same(ownQemuMarkers({ ...host, architecture: "arm64" }, place), []);
  same(ownQemuMarkers({ ...host, platform: "macos" }, place), []);
});
