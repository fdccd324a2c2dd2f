/** What is decided about mirrors, packages, tools and their modes. */
import { deepStrictEqual as same, rejects, strictEqual as eq, throws } from "node:assert/strict";
import { chooseMirror } from "../../../src/debian/mirror.ts";
import { parseFileName, parseUris } from "../../../src/debian/packages.ts";
import { prefixPath } from "../../../src/debian/prefix.ts";
import { toolchainDirectory } from "../../../src/debian/toolchain_directory.ts";
import { atLeast, findProgram, runCommand } from "../../../src/debian/run_command.ts";
import { chooseMode, type MmdebstrapFacts } from "../../../src/debian/toolbox/mmdebstrap.ts";
import { commandFromEnvironment } from "../../../src/debian/toolbox/override.ts";
import { SiloError } from "../../../src/errors.ts";
import { type Host, realHost } from "../../../src/host.ts";
import { parseStatus } from "../../../src/images/dpkg_status.ts";

const host = (env: Record<string, string>): Host => ({ ...realHost(), env, home: "/home/me", architecture: "x86_64" });
const uri = (base: string, suite: string) => `'${base}/dists/${suite}/InRelease' x_InRelease 0 \n`;

Deno.test("the mirror is Debian's archive, not another source of the host", () => {
  const other = uri("https://tools.example/apt", "stable-tools");
  same(
    chooseMirror(
      other + uri("http://m.example/debian", "bookworm") + uri("http://m.example/debian-security", "bookworm-security"),
    ),
    {
      archive: "http://m.example/debian",
      security: "http://m.example/debian-security",
    },
  );
  eq(chooseMirror(uri("http://proxy.example/remote-debian/", "trixie")).archive, "http://proxy.example/remote-debian");
  eq(
    chooseMirror(uri("cdrom:[Debian 12]", "bookworm") + uri("http://m.example/debian", "trixie")).archive,
    "http://m.example/debian",
  );
  same(chooseMirror(other), { archive: undefined, security: undefined });
});

Deno.test("apt's lists of files", () => {
  const text = "'http://m/pool/x_1%3a2-3_amd64.deb' x_1%3a2-3_amd64.deb 1234 SHA256:aa\nReading...\n";
  same(parseUris(text), [{ name: "x_1%3a2-3_amd64.deb", size: 1234 }]);
  same(parseFileName("x_1%3a2-3_amd64.deb"), { name: "x", version: "1:2-3", architecture: "amd64" });
});

Deno.test("dpkg's status: only what is installed counts", () => {
  const text = "Package: a\nStatus: install ok installed\nVersion: 1:2-3\nDescription: x\n y\n\n" +
    "Package: b\nStatus: deinstall ok config-files\nVersion: 1\n\n";
  same([...parseStatus(text)], [["a", "1:2-3"]]);
});

Deno.test("versions are compared by number", () => {
  eq(atLeast("7.2.22", "7.2"), true);
  eq(atLeast("10.0", "7.2"), true);
  eq(atLeast("1.47.0", "1.47.1"), false);
  eq(atLeast("1.47", "1.47.0"), true);
  eq(atLeast("nonsense", "1"), false);
});

Deno.test("mmdebstrap's mode", () => {
  const facts: MmdebstrapFacts = {
    uid: 1000,
    hasSubordinateIds: true,
    hasUserNamespaces: true,
    hasFakechroot: true,
    hostSuite: "bookworm",
  };
  eq(chooseMode({ ...facts, uid: 0 }, "trixie"), "root");
  eq(chooseMode(facts, "trixie"), "unshare");
  eq(chooseMode({ ...facts, hasSubordinateIds: false }, "bookworm"), "fakechroot");
  eq(chooseMode({ ...facts, hasSubordinateIds: false }, "trixie"), undefined);
  eq(chooseMode({ ...facts, hasUserNamespaces: false, hasFakechroot: false }, "bookworm"), undefined);
});

Deno.test("commands named by the environment", () => {
  eq(commandFromEnvironment(host({}), "SILO_QEMU"), undefined);
  same(commandFromEnvironment(host({ SILO_QEMU: "/opt/my qemu" }), "SILO_QEMU"), ["/opt/my qemu"]);
  same(commandFromEnvironment(host({ SILO_QEMU: '["/ld.so","/qemu"]' }), "SILO_QEMU"), ["/ld.so", "/qemu"]);
  for (const bad of ["[", "[]", "[1]"]) {
    throws(() => commandFromEnvironment(host({ SILO_QEMU: bad }), "SILO_QEMU"), SiloError);
  }
});

Deno.test("where the toolchain cache is", () => {
  eq(toolchainDirectory(host({})), "/home/me/.cache/silo-toolchain");
  eq(toolchainDirectory(host({ XDG_CACHE_HOME: "/c" })), "/c/silo-toolchain");
  eq(toolchainDirectory(host({ XDG_CACHE_HOME: "relative" })), "/home/me/.cache/silo-toolchain");
  eq(prefixPath(host({ SILO_TOOLCHAIN: "/t" }), { name: "x", suite: "trixie" }), "/t/x-trixie-x86_64");
});

Deno.test("a program's failure is told with the end of what it said", async () => {
  const lines: string[] = [];
  const run = runCommand(["sh", "-c", "echo out; echo one >&2; echo two >&2; exit 3"], {
    doing: "try",
    onLine: (l) => lines.push(l),
  });
  await rejects(run, (error) => {
    return error instanceof SiloError && error.message === "could not try: sh exited with 3" &&
      error.details === "one\ntwo";
  });
  same(lines, ["one", "two"]);
  await rejects(runCommand(["/nonexistent/program"], { doing: "try" }), SiloError);
  eq(await runCommand(["echo", "hi"], { doing: "try" }), "hi\n");
  eq(await findProgram(host({ PATH: "/nowhere:/bin" }), "sh"), "/bin/sh");
  eq(await findProgram(host({ PATH: "relative" }), "no-such-program"), undefined);
});
