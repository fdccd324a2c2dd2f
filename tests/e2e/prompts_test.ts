/** Questions on a terminal: they can be answered, and called off, and what is called off has changed nothing. */
import { match, ok, strictEqual as eq } from "node:assert/strict";
import { makeProject, SILO } from "./harness.ts";
import { Tmux } from "./tmux.ts";

/** A terminal in a project, and silo with an empty home. */
async function terminal(files: Record<string, string>) {
  const home = makeProject();
  const project = makeProject(files);
  const tmux = await Tmux.open(project.path);
  return {
    tmux,
    path: project.path,
    silo: (line: string) => tmux.line(`clear; SILO_HOME=${home.path} ${SILO} ${line}; echo "code $?"`),
    isThere: (name: string) => [...Deno.readDirSync(project.path)].some((entry) => entry.name === name),
    homeFiles: () => [...Deno.readDirSync(home.path)].map(({ name }) => name),
    async [Symbol.asyncDispose]() {
      await tmux[Symbol.asyncDispose]();
      project[Symbol.dispose]();
      home[Symbol.dispose]();
    },
  };
}

Deno.test("install asks for a version; Ctrl-C ends it with 130 and installs nothing", async () => {
  await using it = await terminal({});
  await it.silo("install node");
  const screen = await it.tmux.waitFor(/Which version of node\?[^]*Enter: confirm/, "the question");
  match(screen, /^● \d+ \(the default\)\n○ \d+$/m);
  await it.tmux.press("C-c");
  match(await it.tmux.waitFor(/^code \d+$/m, "the end"), /nothing was chosen\n *code 130$/m);
  ok(!it.homeFiles().includes("config.toml"));
});

Deno.test("init asks for tools, ports and variables; called off, it has written nothing", async () => {
  await using it = await terminal({ "package.json": '{"scripts":{"dev":"vite"}}', "go.mod": "module a\n" });
  await it.silo("init");
  await it.tmux.waitFor(/^◼ node \(package\.json\)\n◼ go \(go\.mod\)\n◻ /m, "the tools that were found");
  await it.tmux.press("C-c");
  await it.tmux.waitFor(/^code 130$/m, "the end");
  eq(it.isThere("silo.toml"), false);

  await it.silo("init");
  await it.tmux.waitFor(/^◼ node/m, "the tools that were found");
  await it.tmux.press("Enter");
  await it.tmux.waitFor(/Ports of node's servers[^]*5173/, "the ports");
  await it.tmux.press("Enter");
  await it.tmux.waitFor(/Variables of your environment/, "the variables");
  await it.tmux.type("CI");
  await it.tmux.press("Enter");
  await it.tmux.waitFor(/^code 0$/m, "the end");
  match(Deno.readTextFileSync(`${it.path}/silo.toml`), /^passEnv = \["CI"\]\n\n\[tools\.node\] .*\nports = \[5173\]$/m);
});

Deno.test("reset names what goes and takes no for an answer; trust shows what a file opens", async () => {
  await using it = await terminal({ "silo.toml": '[network]\nallow = ["example.com"]\n' });
  await it.silo("trust");
  await it.tmux.waitFor(/\+ .*example\.com[^]*\[y\/N\]/, "the question");
  await it.tmux.line("y");
  await it.tmux.waitFor(/^code 0$/m, "the end");

  const before = it.homeFiles();
  await it.silo("reset");
  await it.tmux.waitFor(/what was accepted[^]*Remove all of it\? \[y\/N\]/, "the question");
  await it.tmux.line("n");
  match(await it.tmux.waitFor(/^code \d+$/m, "the end"), /you said no\n *code 125$/m);
  eq(`${it.homeFiles()}`, `${before}`);
  await it.silo("reset");
  await it.tmux.waitFor(/\[y\/N\]/, "the question");
  await it.tmux.line("y");
  await it.tmux.waitFor(/^code 0$/m, "the end");
  eq(`${it.homeFiles()}`, "");
});

Deno.test("add asks for which of several tools; the choice is recorded", async () => {
  await using it = await terminal({ "silo.toml": "[tools.node]\n\n[tools.python]\n" });
  await it.silo("add --no-sync kotlin");
  await it.tmux.waitFor(/For which tool\?\n● node \(.*\)\n○ python$/m, "the question");
  await it.tmux.press("Down", "Enter");
  await it.tmux.waitFor(/^Recorded kotlin for python[^]*^code 0$/m, "the end");
  match(Deno.readTextFileSync(`${it.path}/silo.toml`), /^\[tools\.python\]\npost_install = \[[^]*kotlin/m);
});
