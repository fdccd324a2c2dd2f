import { deepStrictEqual as same, strictEqual as eq, throws } from "node:assert/strict";
import { changeInstalled, findInstalled, installedFile, type InstalledTool } from "../../../src/tools/installed.ts";
import { toolSections } from "../../../src/tools/installed_sections.ts";
import { parseShim } from "../../../src/tools/definition.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

function tool(name: string, shims: string[], more: Partial<InstalledTool> = {}): InstalledTool {
  return {
    name,
    version: "1",
    source: "debian",
    image: "sha256:00",
    rootfs: `rootfs/${name}`,
    environment: [],
    shims: shims.map((shim) => parseShim(shim)!),
    installedAt: "2026-01-01T00:00:00.000Z",
    ...more,
  };
}

Deno.test("a word means a tool, else the first shim of that name, as silo wrote them", async () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  const settings = { env: { A: '[tools.evil]\n"""' } };
  await changeInstalled(host, (tools) => {
    tools.set("node", tool("node", ["node", "npm", "python:node py.js"]));
    tools.set("node@22", tool("node@22", ["node"], { setup: 'echo a\n[tools.python]\n[tools.evil]\necho "b"' }));
    tools.set("python", tool("python", ["python:python3", "pip"], { settings }));
    tools.set(
      "bash",
      tool("bash", [], {
        process: { entrypoint: [], command: ["[tools.x]"], directory: "/", groups: [1] },
      }),
    );
  });
  const meaning = (word: string) => {
    const found = findInstalled(host, word);
    return found && [found.tool.name, found.command];
  };
  same(meaning("python"), ["python", "python3"]);
  same(meaning("pip"), ["python", "pip"]);
  same(meaning("npm"), ["node", "npm"]);
  same(meaning("node@22")?.[0], "node@22");
  same(meaning("bash"), ["bash", undefined]);
  for (const word of ["pi", "evil", "x", "debian", "version", ""]) eq(meaning(word), undefined, word);
  eq(findInstalled(host, "python")?.tool.settings?.env?.A, settings.env.A);
  eq(toolSections(Deno.readTextFileSync(installedFile(host)))?.size, 4); // what was looked at
  same(findInstalled(host, "bash")?.tool.process?.groups, [1]);
});

Deno.test("one tool's part is read without the others'", () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  const part = (name: string, version: string) =>
    `[tools.${name}]\nversion = ${version}\nsource = ""\nimage = ""\nrootfs = ""\nenvironment = []\n` +
    `installedAt = ""\nshims = []\n`;
  Deno.writeTextFileSync(installedFile(host), part("one", '"1"') + part("broken", "= =") + part("two", '"2"'));
  eq(findInstalled(host, "two")?.tool.version, "2");
  throws(() => findInstalled(host, "broken"), /could not read .*config\.toml/);
});

Deno.test("a file that silo did not write is parsed as a whole", () => {
  const header = "[tools.a]\nx = 1\n";
  for (
    const text of [
      `other = 1\n${header}`, // more than comments before the first tool
      `${header}[tools.b]\n${header}`, // in several places
      `${header}y = """\n[tools.b]\n"""\n`, // texts of several lines
      '[tools."\\U00000041"]\nx = 1\n',
      "[tools]\na = { x = 1 }\n",
    ]
  ) eq(toolSections(text), undefined, text);
  same([...toolSections(`# a comment\n\n${header}`)!], [["a", header]]);
  same([...toolSections("")!], []);
});

Deno.test("a damaged file is named; one that is not there has no tools", () => {
  using directory = temporaryDirectory();
  const host = fakeHost({ siloHome: directory.path });
  eq(findInstalled(host, "python"), undefined);
  Deno.writeTextFileSync(installedFile(host), "nonsense");
  throws(() => findInstalled(host, "python"), /could not read .*config\.toml/);
});
