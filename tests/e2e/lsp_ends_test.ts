/** However a session ends: the server's machine is gone, and the exit status tells the truth. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { isThere } from "../../src/is_there.ts";
import { makeProject, silo, until } from "./harness.ts";
import { LspClient } from "./lsp/client.ts";
import { Scripted } from "./lsp/scripted.ts";
import { builds, ensureTool, installServerBy } from "./lsp/tools.ts";
import { isAlive, processTree } from "./processes.ts";

Deno.test("exit ends the server: 0 after a shutdown, 1 without one, also where the server has to be killed", async () => {
  await ensureTool("test-lsp");
  await Promise.all(["polite", "stubborn"].map(async (mode) => {
    using good = await Scripted.begin(mode);
    await good.client.ask("shutdown", "shutdown");
    await good.client.tell("exit");
    await good.endsWith(0);
    using early = await Scripted.begin(mode);
    await early.client.tell("exit");
    await early.endsWith(1);
  }));
});

Deno.test("an editor that closes its end of the pipe ends the server, even one that reads nothing", async () => {
  await ensureTool("test-lsp");
  await Promise.all(["polite", "stubborn", "deaf"].map(async (mode) => {
    using session = await Scripted.begin(mode);
    // More than every pipe on the way holds.
    if (mode === "deaf") await session.client.tell("x/unread", { text: "x".repeat(4_000_000) });
    session.client.process.stdin!.end();
    await session.endsWith(0);
  }));
});

Deno.test("SIGTERM for silo ends the server, even one that ignores it", async () => {
  await ensureTool("test-lsp");
  await Promise.all(["polite", "stubborn"].map(async (mode) => {
    using session = await Scripted.begin(mode);
    session.client.process.kill("SIGTERM");
    await session.endsWith("SIGTERM");
  }));
});

Deno.test("SIGKILL for silo leaves no machine, and the next command removes what is left of it", async () => {
  await ensureTool("test-lsp");
  using session = await Scripted.begin("stubborn");
  session.client.process.kill("SIGKILL");
  equal(await session.ended(), "SIGKILL");
  ok(isThere(session.runDirectory));
  const next = await silo(["run", "--exec", "test-lsp", "true"]);
  equal(next.code, 0, next.stderr);
  await until("the run directory is swept", () => !isThere(session.runDirectory));
});

Deno.test("the end of the server is silo's own, and answers what the editor still waits for", async () => {
  await ensureTool("test-lsp");
  using ended = await Scripted.begin("polite");
  const asked = ended.client.ask("open", "x/open", {});
  await ended.client.tell("x/exit", { code: 3 });
  match((await asked).error, /silo: the language server ended with 3/);
  await ended.endsWith(3);

  using killed = await Scripted.begin("polite");
  const open = killed.client.ask("open", "x/open", {});
  await killed.client.tell("x/kill");
  match((await open).error, /silo: the language server ended with 137/);
  await killed.endsWith(137);
});

Deno.test("the end of the machine is told, and what the editor still waits for is answered", async () => {
  await ensureTool("test-lsp");
  using session = await Scripted.begin("polite");
  const asked = session.client.ask("open", "x/open", {});
  Deno.kill(session.qemu, "SIGKILL");
  match((await asked).error, /silo: could not go on: the sandbox is gone/);
  await session.endsWith(125);
  match(session.client.stderr, /could not go on: the sandbox is gone/);
});

for (const [how, end] of [["closes its end of the pipe", 0], ["says exit", 1]] as const) {
  Deno.test(`an editor that ${how} while the server is installed ends that, and nothing half-made stays`, async () => {
    await ensureTool("test-lsp");
    installServerBy("test-lsp", "sleep 1000");
    using project = makeProject();
    const before = builds();
    using client = new LspClient(["lsp", "test-lsp"], project.path);
    const rootUri = `file://${project.path}`;
    client.ask("initialize", "initialize", { rootUri, capabilities: {}, workDoneToken: 7 }).catch(() => {});
    await client.notified("$/progress", (it) => /run /.test(it.value.message));
    const tree = processTree(client.process.pid!).map((it) => it.pid);
    ok(tree.length > 2, "a machine runs the step");
    if (how === "says exit") await client.tell("exit");
    else client.process.stdin!.end();
    equal(await client.ended, end, client.stderr);
    await until("every process is gone", () => !tree.some(isAlive));
    deepEqual(builds(), before);
  });
}
