import { deepStrictEqual as same, doesNotMatch, match, ok, throws } from "node:assert/strict";
import { control } from "../../../scripts/releasing/debian.ts";
import { formula } from "../../../scripts/releasing/formula.ts";
import {
  closure,
  directPackages,
  nameAndVersion,
  qemuComponents,
  sbom,
  swiftPackages,
} from "../../../scripts/releasing/sbom.ts";
import { targetNamed, TARGETS } from "../../../scripts/releasing/targets.ts";

const lock = {
  npm: {
    "a@1.0.0": { integrity: "sha512-AAEC", dependencies: ["@x/b"] },
    "@x/b@2.1.0_peer@1": { integrity: "sha512-AwQF", dependencies: ["a@1.0.0"] },
    "test-only@3.0.0": { integrity: "sha512-BgcI" },
  },
};

Deno.test("names and versions are told apart, scopes and peers included", () => {
  same(nameAndVersion("@x/b@2.1.0_peer@1"), { name: "@x/b", version: "2.1.0" });
});

Deno.test("the list of contents has what is loaded, with its sum, and nothing else", () => {
  same(closure(lock, ["a@1.0.0"]), ["@x/b@2.1.0_peer@1", "a@1.0.0"]);
  const { components } = sbom("0.1.0", lock, ["a@1.0.0"], []) as { components: Record<string, unknown>[] };
  same(components[0], {
    type: "library",
    name: "@x/b",
    version: "2.1.0",
    purl: "pkg:npm/%40x/b@2.1.0",
    hashes: [{ alg: "SHA-512", content: "030405" }],
  });
  throws(() => closure(lock, ["unknown@1"]), /deno.lock does not have/);
});

Deno.test("the list of contents has what the helper of macOS is linked with, as SwiftPM resolved it", () => {
  const pins = [
    {
      identity: "containerization",
      location: "https://github.com/apple/containerization.git",
      state: { version: "0.40.2", revision: "5796abe" },
    },
    { identity: "x", location: "https://github.com/a/x", state: { branch: "main", revision: "00ff" } },
  ];
  same(swiftPackages({ pins }), [
    {
      type: "library",
      name: "containerization",
      version: "0.40.2",
      purl: "pkg:swift/github.com/apple/containerization@0.40.2",
    },
    { type: "library", name: "x", version: "00ff", purl: "pkg:swift/github.com/a/x@00ff" },
  ]);
});

Deno.test("packages are those that modules come from", () => {
  same(directPackages({ modules: [{ npmPackage: "a@1" }, { specifier: "file:///x" }, { npmPackage: "a@1" }] }), [
    "a@1",
  ]);
});

Deno.test("the formula has a block for each archive, and none for what was not made", () => {
  const text = formula({
    version: "0.1.0",
    url: "https://host/silo/releases/download/v0.1.0",
    sums: { "macos-arm64": "00ff" },
  });
  match(
    text,
    /on_macos do\n {4}depends_on arch: :arm64\n {4}depends_on macos: :tahoe\n {4}on_arm do\n {6}url "https:\/\/host\S+silo-0\.1\.0-macos-arm64\.tar\.gz"\n {6}sha256 "00ff"/,
  );
  doesNotMatch(text, /on_linux/);
  const linux = formula({ version: "0.1.0", url: "https://host", sums: { "linux-arm64": "00ff" } });
  match(linux, /on_linux do\n {4}on_arm do/);
  doesNotMatch(linux, /depends_on/);
});

Deno.test("the package's fields end as Debian's policy wants", () => {
  const text = control({ version: "0.1.0", architecture: "arm64", installedKiB: 12, hasQemu: false });
  match(text, /^Package: silo\nVersion: 0\.1\.0\nArchitecture: arm64\n/);
  match(text, /^Recommends: qemu-system-arm,/m);
  ok(text.endsWith("\n") && !text.includes("\n\n"));
});

Deno.test("a package with silo's QEMU in it only suggests the host's", () => {
  const text = control({ version: "0.1.0", architecture: "amd64", installedKiB: 12, hasQemu: true });
  match(text, /^Recommends: bubblewrap, .*\nSuggests: qemu-system-x86\n/m);
});

Deno.test("the list of contents names silo's QEMU, its licence, and what is linked into it", () => {
  const made = { debian: "1:7.2+dfsg-7+deb12u18", sha256: "00ff", libraries: { "glib2.0": "2.74.6-2" } };
  same(qemuComponents({ ...made, directory: "/q", program: "/q/bin/x", qemu: "7.2.22" }), [
    {
      type: "application",
      name: "qemu",
      version: "1:7.2+dfsg-7+deb12u18",
      purl: "pkg:deb/debian/qemu@1%3A7.2%2Bdfsg-7%2Bdeb12u18?arch=source&distro=bookworm",
      licenses: [{ license: { id: "GPL-2.0-only" } }],
      hashes: [{ alg: "SHA-256", content: "00ff" }],
    },
    {
      type: "library",
      name: "glib2.0",
      version: "2.74.6-2",
      purl: "pkg:deb/debian/glib2.0@2.74.6-2?arch=source&distro=bookworm",
    },
  ]);
});

Deno.test("a target that there is none of is told with those that there are", () => {
  throws(() => targetNamed("windows"), /could not make a release for "windows"/);
  same(new Set(TARGETS.map(({ name }) => name)).size, TARGETS.length);
});
