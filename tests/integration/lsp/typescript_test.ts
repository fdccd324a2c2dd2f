/** TypeScript's real server behind rewriting, against the same server without it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { makeProject } from "../../e2e/harness.ts";
import { LspClient } from "../../e2e/lsp/client.ts";
import { TYPESCRIPT } from "../../e2e/lsp/scenarios/typescript.ts";
import { editingSession, transcript } from "../../e2e/lsp/session.ts";

const BRIDGE = new URL("bridge.ts", import.meta.url).pathname;
const PACKAGES = ["typescript@5.9.3", "typescript-language-server@5.1.2"];

Deno.test("typescript: a session through rewriting is message by message what the server itself says", async () => {
  using parent = makeProject(
    Object.fromEntries(Object.entries(TYPESCRIPT.files).map(([name, text]) => [`host/${name}`, text])),
  );
  const [host, guest] = [`${parent.path}/host`, `${parent.path}/guest`];
  const npm = await new Deno.Command("npm", {
    args: ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", ...PACKAGES],
    cwd: host,
  }).output();
  ok(npm.success, new TextDecoder().decode(npm.stderr));
  // The same project under two names, as on the host and in a sandbox.
  const copied = await new Deno.Command("cp", { args: ["-R", host, guest] }).output();
  ok(copied.success);
  const server = [`${guest}/node_modules/.bin/typescript-language-server`, "--stdio"];
  using bare = new LspClient(server.slice(1), guest, () => null, server[0]);
  const bridge = ["run", "--quiet", "--allow-all", BRIDGE, host, guest, ...server];
  using client = new LspClient(bridge, host, () => null, Deno.execPath());
  const [root, guestRoot] = [`file://${host}`, `file://${guest}`];
  await Promise.all([
    editingSession(bare, TYPESCRIPT, guestRoot, guest),
    editingSession(client, TYPESCRIPT, root, host, Deno.pid),
  ]);
  equal(await client.end(), await bare.end());
  deepEqual(transcript(client, [[root, guestRoot]]), transcript(bare));

  const { answers } = client;
  match(JSON.stringify(answers.hover), /see .*file:\/\/\/workspace\/src\/tool\.ts/);
  equal(answers["into the project"][0].targetUri, `${root}/src/tool.ts`);
  ok(answers["into a library"][0].targetUri.startsWith(`${root}/node_modules/typescript/lib/`));
  ok(answers.completion.items.some((it: { label: string }) => it.label === "map"));
  equal(answers["workspace symbols"][0].location.uri, `${root}/src/tool.ts`);
  equal(answers.command[0].uri, `${root}/src/tool.ts`);
  ok(answers.formatting.length > 0);
});
