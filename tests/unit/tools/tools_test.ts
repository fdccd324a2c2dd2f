import { deepStrictEqual as same, match, ok, strictEqual as eq, throws } from "node:assert/strict";
import type { SiloError } from "../../../src/errors.ts";
import { parseShim, shimText } from "../../../src/tools/definition.ts";
import { toolDefinition } from "../../../src/tools/parse_definition.ts";
import { assertNamesFree, definitionToInstall } from "../../../src/tools/install_plan.ts";
import { changeInstalled, installedFile, type InstalledTool, readInstalled } from "../../../src/tools/installed.ts";
import { availableTools, readDefinition } from "../../../src/tools/registry.ts";
import { RESERVED_NAMES } from "../../../src/tools/reserved_names.ts";
import { resolveTool } from "../../../src/tools/resolve.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const tool = (name: string, ...shims: string[]): InstalledTool => ({
  name,
  version: "1.2",
  source: "debian",
  image: "sha256:0",
  rootfs: "rootfs/0.ext4",
  environment: ["PATH=/bin", 'QUOTED="\\\n'],
  shims: shims.map((shim) => parseShim(shim)!),
  installedAt: "2026-01-01T00:00:00.000Z",
});

async function homeWith(path: string, ...tools: InstalledTool[]) {
  const host = fakeHost({ siloHome: path });
  await changeInstalled(host, (all) => tools.forEach((one) => all.set(one.name, one)));
  return host;
}

Deno.test("silo's own registry is well-formed, and takes no reserved name", () => {
  const host = fakeHost({ siloHome: "/none" });
  const names = availableTools(host);
  ok(names.includes("python"));
  for (const name of names) {
    const definition = readDefinition(host, name)!;
    ok(definition.description.length > 0 && !RESERVED_NAMES.has(name), name);
    for (const shim of definition.shims) ok(!RESERVED_NAMES.has(shim.name), shim.name);
  }
});

Deno.test("the user's own definition stands instead of silo's", () => {
  using directory = temporaryDirectory();
  Deno.mkdirSync(`${directory.path}/registry`);
  Deno.writeTextFileSync(`${directory.path}/registry/python.toml`, 'description = "mine"\nshims = ["python:pypy"]\n');
  Deno.writeTextFileSync(`${directory.path}/registry/zig.toml`, 'description = "Zig"\nshims = ["zig"]\n');
  const host = fakeHost({ siloHome: directory.path });
  eq(readDefinition(host, "python")!.description, "mine");
  ok(availableTools(host).includes("zig"));
  eq(readDefinition(host, "../python"), undefined);
});

Deno.test("a malformed definition is told with file and field", () => {
  const define = (value: Record<string, unknown>) => () => toolDefinition("x", value, "/r/x.toml");
  throws(define({ shims: ["x"] }), /\/r\/x\.toml: description is not a text/);
  throws(define({ description: "d", shims: "x" }), /shims is not a list/);
  throws(define({ description: "d", shims: [] }), /at least one/);
  throws(define({ description: "d", shims: ["a:b:c"] }), /NAME or NAME:COMMAND/);
  throws(define({ description: "d", shims: ["x"], env: { A: 1 } }), /env is not a table/);
  throws(define({ description: "d", shims: ["x"], debian: { suite: "s" } }), /debian\.packages/);
});

Deno.test("shims are names, or names with the program they run", () => {
  same(parseShim("python:python3"), { name: "python", command: "python3" });
  for (const text of ["pip", "python:python3"]) eq(shimText(parseShim(text)!), text);
  for (const bad of ["", "A", "../x", "a:", ":b", "-x"]) eq(parseShim(bad), undefined);
});

Deno.test("what was installed is read back as it was, and two changes at once both count", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  eq(readInstalled(host).size, 0);
  await Promise.all([
    changeInstalled(host, (all) => all.set("python", tool("python", "python:python3", "pip"))),
    changeInstalled(host, (all) => all.set("node", tool("node", "node"))),
  ]);
  same(readInstalled(host).get("python"), tool("python", "python:python3", "pip"));
  same([...readInstalled(host).keys()].sort(), ["node", "python"]);
});

Deno.test("a damaged list of installed tools is told with its file", () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  for (const text of ["[tools", "[tools.python]\nversion = 1\n"]) {
    Deno.writeTextFileSync(installedFile(host), text);
    throws(() => readInstalled(host), /config\.toml/);
  }
});

Deno.test("a word is a tool, a shim, or followed by another program of the tool", async () => {
  using directory = temporaryDirectory();
  const host = await homeWith(directory.path, tool("python", "python:python3", "pip"), tool("node", "node"));
  const resolve = (word: string, first?: string) => {
    const { tool, command, argumentsUsed } = resolveTool(host, word, first, []);
    return [tool.name, command, argumentsUsed];
  };
  same(resolve("python"), ["python", "python3", 0]);
  same(resolve("pip"), ["python", "pip", 0]);
  same(resolve("python", "pip"), ["python", "pip", 1]);
  same(resolve("python", "node"), ["python", "python3", 0]);
  const bare = await homeWith(directory.path, tool("bare"));
  eq(resolveTool(bare, "bare", undefined, []).command, undefined); // what its image runs
});

Deno.test("a tool that is not there: what to install, or what was meant", async () => {
  using directory = temporaryDirectory();
  const host = await homeWith(directory.path, tool("python", "python"));
  const refused = (word: string, commands: string[] = []) => {
    try {
      resolveTool(host, word, undefined, commands);
    } catch (error) {
      return `${(error as Error).message} / ${(error as SiloError).hint}`;
    }
    throw new Error("it was found");
  };
  match(refused("node"), /node is not installed \/ .*silo install node/);
  match(refused("npm"), /npm: node is not installed \(npm belongs to node\)/);
  match(refused("pyhton"), /Did you mean python\?/);
  match(refused("lst", ["list"]), /Did you mean list\?/);
  match(refused("qqqqqq"), /silo list --available/);
});

Deno.test("a tool cannot be installed under a command's name or over another's shims", async () => {
  using directory = temporaryDirectory();
  const host = await homeWith(directory.path, tool("other", "npx"));
  throws(() => definitionToInstall(host, "list"), /is a command/);
  throws(() => definitionToInstall(host, "node"), /npx belongs to other/);
  const hints = (pattern: RegExp) => (error: SiloError) => pattern.test(error.hint!);
  throws(() => definitionToInstall(host, "node"), hints(/^First: silo shim other remove npx$/));
  throws(
    () => assertNamesFree(host, "mine", [{ name: "other", command: "x" }]),
    hints(/^First: silo uninstall other$/),
  );
  throws(() => definitionToInstall(host, "pyton"), (error: SiloError) => /python/.test(error.hint!));
  eq(definitionToInstall(host, "python").name, "python");
});
