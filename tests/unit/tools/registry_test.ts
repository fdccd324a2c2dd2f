/** silo's own definitions, the schema, and what versions mean. */
import { deepStrictEqual as same, match, ok, rejects, strictEqual as eq, throws } from "node:assert/strict";
import type { SiloError } from "../../../src/errors.ts";
import { checkDefinition } from "../../../src/tools/definition_schema.ts";
import { planInstall, sourceText } from "../../../src/tools/install_plan.ts";
import { toolDefinition } from "../../../src/tools/parse_definition.ts";
import { availableTools, checkedDefinition, readDefinition } from "../../../src/tools/registry.ts";
import { postInstallOf } from "../../../src/tools/versions.ts";
import { fakeHost, temporaryDirectory } from "../support.ts";

const host = fakeHost({ siloHome: "/none" });
const all = availableTools(host).map((name) => readDefinition(host, name)!);

Deno.test("the registry has every tool and every agent that silo promises", () => {
  const promised =
    "aws-cli claude-code cline codex copilot cypress deno go jupyter node opencode paperclipai playwright " +
    "psql python rust vibe";
  same(all.map(({ name }) => name), promised.split(" "));
  same(
    all.filter(({ agent }) => agent).map(({ agent }) => agent!.command),
    ["claude", "cline", "codex", "copilot", "opencode", "paperclipai", "vibe"],
  );
});

Deno.test("every file of the registry passes the full check as well as the quick one", async () => {
  for (const { name } of all) await checkedDefinition(host, name);
});

Deno.test("a default version is one that is offered, and no two tools share a shim", () => {
  const owners = new Map<string, string>();
  for (const { name, versions, image, shims, agent, debian } of all) {
    // The version is read off the packages that are named.
    if (debian?.versionFrom !== undefined) ok(debian.packages.includes(debian.versionFrom), name);
    ok(image && versions.includes(image.version), `${name}: ${image?.version}`);
    for (const shim of shims) {
      eq(owners.get(shim.name), undefined, `${shim.name} of ${name}`);
      owners.set(shim.name, name);
    }
    if (agent) ok(shims.some((shim) => shim.name === agent.command), name);
  }
});

Deno.test("a tool whose image is another program's brings itself with its steps", () => {
  for (const definition of all) {
    const { name, image } = definition;
    if (image!.tag.includes("{version}")) continue;
    const steps = postInstallOf(definition, "registry", "9.9.9").join("\n");
    match(steps, /9\.9\.9/, name);
    ok(!steps.includes("{version}"));
    eq(planInstall(host, { tool: name, version: undefined, from: "registry" }).version, image!.version);
  }
});

Deno.test("agents do not update themselves, and the ports of their pages are offered", () => {
  const of = (tool: string) => all.find(({ name }) => name === tool)!;
  eq(of("claude-code").settings.env!.DISABLE_AUTOUPDATER, "1");
  eq(of("cline").settings.env!.CLINE_NO_AUTO_UPDATE, "1");
  eq(of("opencode").settings.env!.OPENCODE_DISABLE_AUTOUPDATE, "1");
  eq(of("opencode").settings.env!.OPENCODE_DISABLE_DEFAULT_PLUGINS, "1");
  same([of("cline").ports, of("paperclipai").ports], [[3484], [3100]]);
});

Deno.test("an agent keeps its login in a directory of silo's, which is never cleaned up", () => {
  for (const { name, agent, caches, settings } of all) {
    if (agent === undefined) continue;
    ok(caches.some(({ noGC, scope }) => noGC && scope === "tool"), name);
    ok(settings.passEnv!.length > 0, name);
    eq(settings.mounts, undefined, name);
  }
});

const GOOD = 'description = "d"\nshims = ["x"]\n';

Deno.test("mistakes in a definition are told with file, line, column and key", () => {
  const refuses = (text: string, pattern: RegExp) =>
    throws(() => checkDefinition("/r/x.toml", text), (error: SiloError) => {
      match(`${error.message}\n${error.hint}`, pattern);
      return true;
    });
  checkDefinition("/r/x.toml", GOOD);
  refuses(`${GOOD}shimz = []\n`, /\/r\/x\.toml:3:1: unknown key "shimz"; did you mean "shims"\?/);
  refuses(`${GOOD}[image]\nrepository = 1\nversion = "1"\n`, /x\.toml:4:1: image\.repository: expected a string/);
  refuses(`${GOOD}[[caches]]\nname = "n"\n`, /x\.toml:3:\d+: caches\[0\]\.variable: it is missing/);
  refuses(`${GOOD}ports = [70000]\n`, /x\.toml:3:\d+: ports\[0\]: expected at most 65535/);
  refuses(`${GOOD}[lsp]\ncommand = []\n`, /lsp\.command/);
  refuses('description = "d"\nshims = ["a:b:c"]\n', /x\.toml:2:\d+: shims\[0\]: expected NAME or NAME:COMMAND/);
  refuses("shims = [\n", /x\.toml:/);
});

Deno.test("what the full check accepts, the quick one accepts", () => {
  const texts = [
    GOOD,
    `${GOOD}ports = [1]\nversions = ["1"]\nrequires = ["node"]\npassEnv = ["A"]\n[network]\nallow = [{ host = "a" }]\n`,
    `${GOOD}[debian]\nsuite = "s"\npackages = ["p"]\npost_install = ["true"]\nshims = ["x:y -z"]\n`,
    `${GOOD}[agent]\ncommand = "x"\n[resources]\ncpus = 2\n[lsp]\ncommand = ["x"]\n`,
  ];
  using directory = temporaryDirectory();
  Deno.mkdirSync(`${directory.path}/registry`);
  for (const text of texts) {
    checkDefinition("/r/x.toml", text);
    Deno.writeTextFileSync(`${directory.path}/registry/x.toml`, text);
    eq(readDefinition(fakeHost({ siloHome: directory.path }), "x")!.name, "x");
  }
});

Deno.test("a person's own malformed definition is refused when it is installed", async () => {
  using directory = temporaryDirectory();
  Deno.mkdirSync(`${directory.path}/registry`);
  Deno.writeTextFileSync(`${directory.path}/registry/x.toml`, `${GOOD}imagee = 1\n`);
  await rejects(checkedDefinition(fakeHost({ siloHome: directory.path }), "x"), /x\.toml:3:1: unknown key "imagee"/);
});

Deno.test("a version that is not offered is refused with those that are, before anything is fetched", () => {
  const plan = (version: string, tool = "python") => planInstall(host, { tool, version, from: undefined });
  for (const version of ["3.13", "3.13.5", "3.13-alpine", "3.13.5-bookworm"]) plan(version);
  eq(sourceText(plan("3.13-alpine").origin), "docker.io/library/python:3.13-alpine");
  eq(sourceText(plan("1.64.0", "playwright").origin), "mcr.microsoft.com/playwright:v1.64.0-noble");
  for (const version of ["3.1", "2.7", "3.133", "latest"]) {
    throws(() => plan(version), (error: SiloError) => {
      match(error.message, /there is no such version/);
      match(error.hint!, /3\.15, 3\.14, 3\.13, 3\.12, 3\.11/);
      return true;
    });
  }
});

Deno.test("a definition's Debian part may name other programs and steps", () => {
  const definition = toolDefinition("x", {
    description: "d",
    shims: ["x"],
    post_install: ["a"],
    image: { repository: "r", version: "1" },
    debian: { suite: "s", packages: ["p"], shims: ["x:y"], post_install: ["b {version}"] },
  }, "/x");
  same(postInstallOf(definition, "registry"), ["a"]);
  same(postInstallOf(definition, "debian", "2"), ["b 2"]);
  same(definition.debian!.shims, [{ name: "x", command: "y" }]);
});
