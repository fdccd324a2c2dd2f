/** What is to be installed, decided from words, definitions and what is there. */
import { deepStrictEqual as same, match, strictEqual as eq, throws } from "node:assert/strict";
import { installRequest } from "../../../src/cli/commands/install.ts";
import { planInstall, sourceText } from "../../../src/tools/install_plan.ts";
import { imageVersion, usableVariables } from "../../../src/tools/image_facts.ts";
import { changeInstalled, type InstalledTool, readInstalled } from "../../../src/tools/installed.ts";
import { parseImageSource } from "../../../src/images/image_source.ts";
import type { Host } from "../../../src/host.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const installed = (name: string, source: string, changes: Partial<InstalledTool> = {}): InstalledTool => ({
  name,
  version: "1",
  source,
  image: "sha256:0",
  rootfs: "rootfs/0.ext4",
  environment: [],
  shims: [],
  installedAt: "2026-01-01T00:00:00.000Z",
  ...changes,
});

async function withTools(tools: InstalledTool[], test: (host: Host) => void): Promise<void> {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  await changeInstalled(host, (all) => tools.forEach((tool) => all.set(tool.name, tool)));
  test(host);
}

/** Where a tool request leads. */
const origin = (host: Host, word: string, from?: string) =>
  sourceText(planInstall(host, installRequest(word, from === undefined ? {} : { from })).origin);

Deno.test("a tool comes from its registry, from Debian if that is asked for, and with the tag that is asked for", async () => {
  await withTools([], (host) => {
    match(origin(host, "python"), /^docker\.io\/library\/python:3\.\d+-slim$/);
    eq(origin(host, "python@3.12-slim"), "docker.io/library/python:3.12-slim");
    eq(origin(host, "python", "debian"), "debian");
    match(planInstall(host, installRequest("node", {})).otherwise!, /silo install node --from debian/);
    eq(origin(host, "python@3.12.1"), "docker.io/library/python:3.12.1-slim");
  });
});

Deno.test("a tool that is installed is repaired from where it came, unless something else is asked for", async () => {
  const tools = [
    installed("python", "debian"),
    installed("node", "docker.io/library/node:20"),
    installed("own", "oci:/a"),
  ];
  await withTools(tools, (host) => {
    eq(origin(host, "python"), "debian");
    match(origin(host, "python", "registry"), /^docker\.io/);
    eq(origin(host, "python@3.12"), "docker.io/library/python:3.12-slim");
    eq(origin(host, "node"), "docker.io/library/node:20");
    eq(origin(host, "node@22"), "docker.io/library/node:22-slim");
    eq(origin(host, "node", "debian"), "debian");
    eq(origin(host, "own"), "oci:/a");
    throws(() => origin(host, "own@2"), /no tool of that name is known/);
  });
});

Deno.test("a tool whose definition has one source only comes from that one", async () => {
  await withTools([], (host) => {
    const define = (name: string, text: string) => {
      Deno.mkdirSync(`${host.siloHome}/registry`, { recursive: true });
      const file = `${host.siloHome}/registry/${name}.toml`;
      Deno.writeTextFileSync(file, `description = "d"\nshims = ["${name}"]\n${text}`);
    };
    define("packaged", `[debian]\nsuite = "trixie"\npackages = ["x"]\nversionFrom = "x"\n`);
    define("pulled", `[image]\nrepository = "ghcr.io/a/b"\nversion = "1"\n`);
    eq(origin(host, "packaged"), "debian");
    throws(() => origin(host, "packaged", "registry"), /names no image/);
    eq(origin(host, "pulled"), "ghcr.io/a/b:1");
    throws(() => origin(host, "pulled", "debian"), /not defined for Debian/);
    define("bad", `[image]\nrepository = 1\n`);
    throws(() => origin(host, "bad"), /image\.repository is not a text/);
  });
});

Deno.test("an image is called by its last name, and has the programs that it is given", async () => {
  await withTools([installed("taken", "debian", { shims: [{ name: "prog", command: "prog" }] })], (host) => {
    const plan = (image: string, name?: string, shim?: string[]) => {
      const { name: called, shims } = planInstall(
        host,
        installRequest(undefined, { image, ...(name ? { name } : {}), ...(shim ? { shim } : {}) }),
      );
      return [called, ...shims.map(({ name, command }) => `${name}:${command}`)];
    };
    same(plan("ghcr.io/owner/tool:1"), ["tool"]);
    same(plan("localhost:5000/a/b@sha256:" + "a".repeat(64)), ["b"]);
    same(plan("oci-archive:dir/My.tar"), ["my"]);
    same(plan("docker-archive:dir/x.docker.tar.gz"), ["x"]);
    same(plan("oci:layout:team/thing:2"), ["thing"]);
    same(planInstall(host, installRequest("x1", { image: "alpine" })).name, "x1");
    same(plan("alpine", "a1", ["sh,b:/bin/busybox", "c"]), ["a1", "sh:sh", "b:/bin/busybox", "c:c"]);
    // A known tool's name brings its programs.
    same(plan("ghcr.io/me/node:1"), ["node", "node:node", "npm:npm", "npx:npx"]);
    throws(() => plan("oci:ÄÖ"), /its name would be/);
    throws(() => plan("alpine", "Not"), /no tool can be called that/);
    throws(() => plan("x/image"), /`silo image` is a command/);
    throws(() => plan("alpine", "a", ["run"]), /like a command/);
    throws(() => plan("alpine", "a", ["prog"]), /prog belongs to taken/);
    throws(() => plan("alpine", "prog"), /taken has a shim of that name/);
  });
});

Deno.test("words that do not fit together are refused with what would", () => {
  const refuses = (pattern: RegExp, word: string | undefined, options = {}) =>
    throws(() => installRequest(word, options), pattern);
  refuses(/no tool is named/, undefined);
  refuses(/both say what to call/, "x", { image: "y", name: "z" });
  refuses(/both say which version/, "x@1", { image: "y" });
  refuses(/--from is for tools/, undefined, { image: "y", from: "debian" });
  refuses(/go with --image only/, "x", { name: "y" });
  refuses(/--from homebrew is no source/, "x", { from: "homebrew" });
  refuses(/TOOL@VERSION/, "x@");
  refuses(/neither NAME nor NAME:COMMAND/, undefined, { image: "y", shim: ["a,B"] });
});

Deno.test("a version is what the image's variable says if that is one, else the tag, else the digest's beginning", () => {
  const image = {
    digest: `sha256:${"ab".repeat(32)}` as const,
    config: { config: { Env: ["V=3.12.1", "E=\x1b[2J"] } },
  };
  const version = (source: string, variable?: string) =>
    imageVersion(image as never, parseImageSource(source, "/"), variable);
  eq(version("python:3.12", "V"), "3.12.1");
  eq(version("python:3.12", "E"), "3.12");
  eq(version("python:3.12", "NONE"), "3.12");
  eq(version("oci:/a"), "abababababab");
  const env = { config: { config: { Env: ["A=1", "NAKED", "=x", "B=\0"] } } };
  same(usableVariables(env as never), ["A=1"]);
});

Deno.test("what an image says about its process is read back as it was", async () => {
  const process = { entrypoint: ["/a"], command: ["b", ""], directory: "/w", groups: [0, 5] };
  await withTools([installed("x", "oci:/a", { process })], (host) => {
    same(readInstalled(host).get("x")!.process, process);
    eq(readInstalled(host).get("x")!.source, "oci:/a");
  });
});
